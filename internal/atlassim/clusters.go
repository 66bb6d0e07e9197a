package atlassim

import "strings"

// current is the newest resource version of a cluster; the other one is deprecated.
const current = "2024-08-05"

// clusterURL returns the URL of a cluster.
func (x *exchange) clusterURL(c *cluster) string {
	return x.groupURL(c.project.id) + "/clusters/" + c.name
}

// writeCluster writes a cluster in the version that was negotiated. The deprecated one has a single disk size for the
// whole cluster, counts shards instead of listing them, and lacks what came later.
func writeCluster(t *jsonText, x *exchange, c *cluster) {
	now := x.version == current
	hw := hardwareOf(c, x.tier(c))
	t.open()
	if now {
		t.null("adaptiveCapacity")
	}
	if !hw.shared {
		writeAdvancedConfiguration(t)
	}
	t.flag("backupEnabled", !hw.shared)
	t.openField("biConnector", '{')
	t.flag("enabled", false)
	t.text("readPreference", "secondary")
	t.close('}')
	if c.shards > 0 {
		t.text("clusterType", "SHARDED")
		t.text("configServerManagementMode", "ATLAS_MANAGED")
		t.text("configServerType", configServerType)
	} else {
		t.text("clusterType", "REPLICASET")
	}
	writeConnectionStrings(t, c)
	t.instant("createDate", c.created)
	if !now {
		t.raw("diskSizeGB", []byte(hw.disk))
	}
	t.text("diskWarmingMode", "FULLY_WARMED")
	if now {
		t.text("effectiveDatabaseEdition", "CORE") // not documented
		writeReplicationSpecs(t, c, hw, "effectiveReplicationSpecs", specEffective)
	}
	t.text("encryptionAtRestProvider", c.encryption())
	if now {
		t.text("featureCompatibilityVersion", majorVersion(c.version))
	}
	t.flag("globalClusterSelfManagedSharding", false)
	t.text("groupId", c.project.id)
	t.text("id", c.id)
	if now {
		t.text("internalClusterRole", "NONE")
	}
	t.openField("labels", '[')
	t.close(']')
	self := x.clusterURL(c)
	t.openField("links", '[')
	t.link("self", self)
	t.link(relation+"restoreJobs", self+"/backup/restoreJobs")
	t.link(relation+"snapshots", self+"/backup/snapshots")
	t.close(']')
	t.text("mongoDBMajorVersion", majorVersion(c.version))
	t.text("mongoDBVersion", c.version)
	t.text("name", c.name)
	t.flag("paused", false)
	t.flag("pitEnabled", c.continuous && !hw.shared)
	if now {
		t.flag("redactClientLogData", false)
		writeReplicationSpecs(t, c, hw, "replicationSpecs", specCurrent)
		t.flag("retainBackups", false)
	} else {
		writeReplicationSpecs(t, c, hw, "replicationSpecs", specDeprecated)
	}
	t.text("rootCertType", "ISRGROOTX1")
	t.text("stateName", "IDLE")
	writeTags(t, c.tags)
	t.flag("terminationProtectionEnabled", c.protected)
	if now {
		t.flag("useAwsTimeBasedSnapshotCopyForFastInitialSync", false)
	}
	t.text("versionReleaseSystem", "LTS")
	t.close('}')
}

func writeAdvancedConfiguration(t *jsonText) {
	t.openField("advancedConfiguration", '{')
	t.openField("customOpensslCipherConfigTls12", '[')
	t.close(']')
	t.openField("customOpensslCipherConfigTls13", '[')
	t.close(']')
	t.text("minimumEnabledTlsProtocol", "TLS1_2")
	t.text("tlsCipherConfigMode", "DEFAULT")
	t.close('}')
}

func writeConnectionStrings(t *jsonText, c *cluster) {
	t.openField("connectionStrings", '{')
	if c.shards > 0 {
		t.openField("awsPrivateLinkSrv", '{')
		t.close('}')
		t.openField("privateEndpoint", '[')
		t.close(']')
	}
	t.text("standard", c.standardURL())
	t.text("standardSrv", "mongodb+srv://"+c.name+"."+c.host)
	t.close('}')
}

// encryption returns the provider of the key of disks and snapshots.
func (c *cluster) encryption() string {
	if c.masterKey != "" {
		return c.provider
	}
	return "NONE"
}

// majorVersion returns the first two numbers of a version.
func majorVersion(version string) string {
	if i := strings.LastIndexByte(version, '.'); i > 0 {
		return version[:i]
	}
	return version
}
