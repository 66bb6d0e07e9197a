package atlassim

// listFlexClusters is GET /groups/{groupId}/flexClusters.
func listFlexClusters(_ *Simulator, x *exchange) answer {
	clusters := x.clustersOf(flex)
	return x.list(len(clusters), func(t *jsonText, i int) { writeFlexCluster(t, clusters[i]) })
}

// getFlexCluster is GET /groups/{groupId}/flexClusters/{name}.
func getFlexCluster(_ *Simulator, x *exchange) answer {
	c, e := x.flexCluster()
	if e != nil {
		return e.answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 1024)}
	writeFlexCluster(&t, c)
	return x.resource(t.buf)
}

// writeFlexCluster writes a cluster as the Flex API does: without links, alone and in a list.
func writeFlexCluster(t *jsonText, c *cluster) {
	t.open()
	t.openField("backupSettings", '{')
	t.flag("enabled", true)
	t.close('}')
	t.text("clusterType", "REPLICASET")
	t.openField("connectionStrings", '{')
	t.text("standard", c.standardURL())
	t.text("standardSrv", "mongodb+srv://"+c.name+"."+c.host)
	t.close('}')
	t.instant("createDate", c.created)
	t.text("groupId", c.project.id)
	t.text("id", c.id)
	t.text("mongoDBVersion", c.version)
	t.text("name", c.name)
	t.openField("providerSettings", '{')
	t.text("backingProviderName", c.provider)
	t.raw("diskSizeGB", []byte("5.0"))
	t.text("providerName", "FLEX")
	t.text("regionName", c.region)
	t.close('}')
	t.text("stateName", "IDLE")
	writeTags(t, c.tags)
	t.flag("terminationProtectionEnabled", c.protected)
	t.text("versionReleaseSystem", "LTS")
	t.close('}')
}
