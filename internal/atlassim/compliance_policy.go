package atlassim

// getCompliancePolicy is GET /groups/{groupId}/backupCompliancePolicy. That a project without one is answered with an
// empty object is inferred.
func getCompliancePolicy(_ *Simulator, x *exchange) answer {
	p := x.project
	return x.one(func(t *jsonText) {
		t.open()
		if len(p.tags) > 0 {
			t.text("authorizedEmail", "security@storefront.example")
			t.text("authorizedUserFirstName", "Kim")
			t.text("authorizedUserLastName", "Sample")
			t.flag("copyProtectionEnabled", true)
			t.flag("deletable", false)
			t.flag("encryptionAtRestEnabled", false)
			t.null("onDemandPolicyItem")
			t.flag("pitEnabled", true)
			t.text("projectId", p.id)
			t.number("restoreWindowDays", restoreWindowDays)
			t.openField("scheduledPolicyItems", '[')
			item := backupPolicyItems[1]
			t.open()
			t.number("frequencyInterval", item.every)
			t.text("frequencyType", item.frequency)
			t.text("id", p.bucketID(16))
			t.text("retentionUnit", item.unit)
			t.number("retentionValue", item.keep)
			t.close('}')
			t.close(']')
			t.text("state", "ACTIVE")
			t.instant("updatedDate", p.created.AddDate(1, 0, 0))
			t.text("updatedUser", "security@storefront.example")
		}
		t.close('}')
	})
}
