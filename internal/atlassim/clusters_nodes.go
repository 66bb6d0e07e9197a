package atlassim

import (
	"strconv"
	"strings"
)

// configServerType is that of a sharded cluster whose config server has hosts of its own.
const configServerType = "DEDICATED"

// replicaSets returns the names of the replica sets of a sharded cluster: its shards and its config server.
func (c *cluster) replicaSets() []string {
	deployment := deploymentName(c.project.id, c.name)
	names := make([]string, 0, c.shards+1)
	for i := range c.shards {
		names = append(names, deployment+"-shard-"+strconv.Itoa(i))
	}
	return append(names, deployment+"-config-0")
}

// standardURL returns the connection string with the hosts that a driver connects to first.
func (c *cluster) standardURL() string {
	kinds, port, end := []string{"-shard-00-0"}, ":27017", ""
	if c.shards > 0 {
		kinds, port = []string{"-config-00-0", "-shard-00-0"}, ":27016"
	} else {
		end = "&replicaSet=" + deploymentName(c.project.id, c.name) + "-shard-0"
	}
	hosts := make([]string, 0, 3*len(kinds))
	for _, kind := range kinds {
		for i := range 3 {
			hosts = append(hosts, c.name+kind+strconv.Itoa(i)+"."+c.host+port)
		}
	}
	return "mongodb://" + strings.Join(hosts, ",") + "/?ssl=true&authSource=admin" + end
}

// part returns the id of part n of a cluster, which is the same in every run.
func (c *cluster) part(n int) string {
	_, _, counter := splitObjectID(c.id)
	return objectID(c.created, familyPart, counter<<8|uint32(n)) //nolint:gosec // small
}

// hardware describes the nodes of a cluster.
type hardware struct {
	size   string
	disk   string // gigabytes, with a decimal point as Atlas writes them
	iops   int64
	shared bool // M0: several clusters share a machine
}

func hardwareOf(c *cluster, t tier) hardware {
	if t == free {
		return hardware{size: "M0", disk: "0.5", shared: true}
	}
	size := c.size
	if size == "" {
		size = "M10" // what a serverless instance becomes
	}
	return hardware{size: size, disk: "30.0", iops: 3000}
}

// specForm is the form of replication specs, which depends on the member that they are in.
type specForm int

const (
	specCurrent specForm = iota
	specEffective
	specDeprecated // one for all shards, and no disk size
)

func writeReplicationSpecs(t *jsonText, c *cluster, hw hardware, name string, form specForm) {
	specs := max(c.shards, 1)
	if form == specDeprecated {
		specs = 1
	}
	t.openField(name, '[')
	for i := range specs {
		t.open()
		if form == specDeprecated {
			t.text("id", c.part(0x10)) // not those of the current version
			t.number("numShards", int64(max(c.shards, 1)))
		} else {
			t.text("id", c.part(0x20+i))
		}
		t.openField("regionConfigs", '[')
		t.open()
		if hw.shared {
			writeSharedRegion(t, c, hw, form)
		} else {
			writeRegion(t, c, hw, form)
		}
		t.close('}')
		t.close(']')
		t.text("zoneId", c.part(0))
		t.text("zoneName", "Zone 1")
		t.close('}')
	}
	t.close(']')
}

func writeSharedRegion(t *jsonText, c *cluster, hw hardware, form specForm) {
	t.openField("electableSpecs", '{')
	t.text("effectiveInstanceSize", hw.size) // not documented
	t.text("instanceSize", hw.size)
	if form != specDeprecated {
		t.raw("diskSizeGB", []byte(hw.disk))
	}
	t.close('}')
	t.text("backingProviderName", c.provider)
	t.number("priority", 7)
	t.text("providerName", "TENANT")
	t.text("regionName", c.region)
}

func writeRegion(t *jsonText, c *cluster, hw hardware, form specForm) {
	nodes := func(name string, count int64) {
		t.openField(name, '{')
		t.text("instanceSize", hw.size)
		t.number("diskIOPS", hw.iops)
		if form != specDeprecated {
			t.raw("diskSizeGB", []byte(hw.disk))
		}
		t.text("ebsVolumeType", "STANDARD")
		t.number("nodeCount", count)
		t.close('}')
	}
	nodes("analyticsSpecs", 0)
	t.openField("autoScaling", '{')
	t.openField("compute", '{')
	t.flag("enabled", false)
	t.flag("scaleDownEnabled", false)
	t.close('}')
	t.openField("diskGB", '{')
	t.flag("enabled", false)
	t.close('}')
	t.close('}')
	if form == specCurrent {
		nodes("effectiveAnalyticsSpecs", 0)
		nodes("effectiveElectableSpecs", 3)
		nodes("effectiveReadOnlySpecs", 0)
	}
	nodes("electableSpecs", 3)
	t.number("priority", 7)
	t.text("providerName", c.provider)
	nodes("readOnlySpecs", 0)
	t.text("regionName", c.region)
}
