package atlassim

// listOrgs is GET /orgs: the organizations of the projects that the credential may read, in the order of their ids.
func listOrgs(s *Simulator, x *exchange) answer {
	ids := s.store.organizations(x.caller.mayRead)
	return x.list(len(ids), func(t *jsonText, i int) {
		self := x.base + apiRoot + "/orgs/" + ids[i]
		t.open()
		t.text("id", ids[i])
		t.flag("isDeleted", false)
		t.openField("links", '[')
		t.link("self", self)
		t.link(relation+"groups", self+"/groups")
		t.close(']')
		t.text("name", "Organization-"+ids[i][18:])
		t.flag("skipDefaultAlertsSettings", false)
		t.close('}')
	})
}
