package atlassim

// listGroups is GET /groups: the projects that the credential may read, by name. Each has only the link to itself.
func listGroups(s *Simulator, x *exchange) answer {
	readable := make([]*project, 0, len(s.store.byName))
	for _, p := range s.store.byName {
		if x.caller.mayRead(p.id) {
			readable = append(readable, p)
		}
	}
	return x.list(len(readable), func(t *jsonText, i int) { writeGroup(t, x, readable[i], nil) })
}

// getGroup is GET /groups/{groupId}. The project has links to its parts.
func getGroup(_ *Simulator, x *exchange) answer {
	t := jsonText{buf: make([]byte, 0, 1400)}
	writeGroup(&t, x, x.project, []string{"containers", "clusters", "databaseUsers", "peers", "processes", "whitelist"})
	return x.resource(t.buf)
}

func writeGroup(t *jsonText, x *exchange, p *project, parts []string) {
	self := x.groupURL(p.id)
	t.open()
	t.number("clusterCount", int64(len(p.clusters)))
	t.instant("created", p.created)
	t.text("id", p.id)
	t.openField("links", '[')
	t.link("self", self)
	for _, part := range parts {
		t.link(relation+part, self+"/"+part)
	}
	t.close(']')
	t.text("name", p.name)
	t.text("orgId", p.orgID)
	writeTags(t, p.tags)
	t.flag("withDefaultAlertsSettings", true)
	t.close('}')
}

// writeTags writes the tags, also where the list is empty.
func writeTags(t *jsonText, tags []tag) {
	t.openField("tags", '[')
	for _, g := range tags {
		t.open()
		t.text("key", g.key)
		t.text("value", g.value)
		t.close('}')
	}
	t.close(']')
}

// groupURL returns the URL of a project.
func (x *exchange) groupURL(id string) string { return x.base + apiRoot + "/groups/" + id }
