package atlassim

// getSystemStatus is GET /api/atlas/v2.
func getSystemStatus(s *Simulator, x *exchange) answer {
	t := jsonText{buf: make([]byte, 0, 512)}
	t.open()
	if x.caller.isServiceAccount {
		t.null("apiKey") // a service account is not an API key
	} else {
		t.openField("apiKey", '{')
		t.openField("accessList", '[')
		t.close(']')
		t.text("id", x.caller.id())
		t.text("publicKey", x.caller.name)
		t.openField("roles", '[')
		for _, p := range s.store.byName {
			t.open()
			t.text("groupId", p.id)
			t.text("roleName", x.caller.role.atlasName())
			t.close('}')
		}
		t.close(']')
		t.close('}')
	}
	t.text("appName", "MongoDB Atlas")
	t.text("build", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")
	t.openField("links", '[')
	t.link("self", x.base+apiRoot)
	t.close(']')
	t.flag("throttling", false)
	t.close('}')
	return x.resource(t.buf)
}
