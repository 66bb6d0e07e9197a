package atlassim

import "time"

// Names and ids of the seed that documents and tests use.
const (
	// SeedGroupID is the project "Storefront", with the serverless instance SeedClusterName, which has more than 600
	// restore jobs, and clusters of each other tier.
	SeedGroupID = "63f3484e1f3a9b27c6000001"
	// SeedClusterName is the serverless instance of SeedGroupID. It becomes a Flex cluster.
	SeedClusterName = "orders"
	// SeedFlexClusterName is a Flex cluster of SeedGroupID, with a job in every status and more than a hundred old ones.
	SeedFlexClusterName = "catalog"
	// SeedDedicatedClusterName is a sharded Dedicated cluster of SeedGroupID, SeedReplicaSetClusterName is one that is
	// a replica set.
	SeedDedicatedClusterName  = "reporting"
	SeedReplicaSetClusterName = "billing"
	// These clusters of SeedGroupID are former serverless instances: they have become a Flex, a Dedicated and a Free
	// cluster, and the serverless API does not have them.
	SeedMigratedToFlexName      = "returns"
	SeedMigratedToDedicatedName = "loyalty"
	SeedMigratedToFreeName      = "newsletter"
	// SeedSecondGroupID is the project "Support desk", with the small serverless instance SeedSecondClusterName. It
	// becomes a Dedicated cluster.
	SeedSecondGroupID     = "659d52df1f3a9b27c6000002"
	SeedSecondClusterName = "tickets"
	// SeedEmptyGroupID is the project "Archive", which has no cluster.
	SeedEmptyGroupID = "63c680fd1f3a9b27c6000003"
)

const mongoDBVersion = "8.0.12"

// seed returns the projects. Everything is the same in every run but the relative and the live jobs, whose times are
// relative to started.
func seed(started time.Time) *store {
	s := newStore()
	storefront := newStorefront()
	support := newProject("Support desk", date(2024, 1, 9, 14, 6, 23), 2)
	archive := newProject("Archive", date(2023, 1, 17, 11, 5, 33), 3)

	fillOrders(storefront.byName[SeedClusterName], storefront.id, support.id, started)
	fillCatalog(storefront.byName[SeedFlexClusterName], support.id, started)
	fillDedicated(storefront.byName[SeedDedicatedClusterName], shardedJobs(started),
		dailySnapshots(8, date(2025, 4, 4, 3, 15, 0), 0xc00000))
	fillDedicated(storefront.byName[SeedReplicaSetClusterName], dedicatedJobs(started, support.id),
		dailySnapshots(14, date(2025, 3, 28, 2, 40, 0), 0xb00000))
	for _, f := range migrated() {
		fillMigrated(storefront.byName[f.target.clusterName], f)
	}

	tickets := newCluster(SeedSecondClusterName, serverless, date(2024, 1, 9, 14, 20, 9), 4)
	tickets.becomes = dedicated
	tickets.host = "m8w3c6z.mongodb.example"
	tickets.region = "EU_WEST_1"
	support.add(tickets)
	fillTickets(tickets, support.id)

	for _, p := range []*project{storefront, support, archive} {
		s.add(p)
	}
	return s
}

func newProject(name string, created time.Time, counter uint32) *project {
	return &project{
		id:      objectID(created, familyProject, counter),
		name:    name,
		orgID:   objectID(date(2022, 11, 8, 9, 0, 0), familyOrganization, 0x21a7f0),
		created: created,
		byName:  map[string]*cluster{},
	}
}

// newStorefront returns the project of SeedGroupID with its clusters, without jobs and snapshots.
func newStorefront() *project {
	p := newProject("Storefront", date(2023, 2, 20, 10, 15, 42), 1)
	p.tags = []tag{{"environment", "production"}, {"team", "checkout"}}

	orders := newCluster(SeedClusterName, serverless, date(2023, 2, 20, 10, 31, 7), 1)
	orders.becomes = flex
	orders.continuous, orders.protected = true, true
	orders.tags = []tag{{"environment", "production"}}
	catalog := newCluster(SeedFlexClusterName, flex, date(2025, 1, 14, 8, 2, 55), 2)
	reporting := newCluster(SeedDedicatedClusterName, dedicated, date(2023, 6, 1, 12, 40, 18), 3)
	reporting.size, reporting.shards = "M30", 2
	reporting.continuous = true
	billing := newCluster(SeedReplicaSetClusterName, dedicated, date(2023, 9, 12, 7, 48, 36), 5)
	billing.size = "M30"
	billing.continuous, billing.protected = true, true
	billing.masterKey = "5b0e9a14-7c3d-4f62-8d21-c6f4a90b37e8"
	returns := newCluster(SeedMigratedToFlexName, flex, date(2023, 4, 3, 13, 27, 50), 6)
	loyalty := newCluster(SeedMigratedToDedicatedName, dedicated, date(2023, 5, 22, 9, 11, 4), 7)
	loyalty.size = "M10"
	newsletter := newCluster(SeedMigratedToFreeName, free, date(2023, 10, 30, 16, 5, 29), 8)

	for _, c := range []*cluster{returns, loyalty, newsletter} {
		c.migrated = true
	}
	for _, c := range []*cluster{orders, catalog, reporting, billing, returns, loyalty, newsletter} {
		c.host = "x4k9t2p.mongodb.example"
		p.add(c)
	}
	return p
}

func newCluster(name string, t tier, created time.Time, counter uint32) *cluster {
	return &cluster{
		id:       objectID(created, familyCluster, counter),
		name:     name,
		tier:     t,
		created:  created,
		version:  mongoDBVersion,
		provider: "AWS",
		region:   "US_EAST_1",
	}
}

// fillTickets adds three days of snapshots to the small instance, and a restore from each.
func fillTickets(c *cluster, groupID string) {
	for i := range 3 {
		sn := dailySnapshot(date(2025, 2, 10+i, 0, 20, 0), 0x800000+uint32(i))
		c.snapshots = append(c.snapshots, sn)
		created := date(2025, 2, 10+i, 15, 30, 12)
		c.jobs.stored = append(c.jobs.stored, &job{
			id:           ticketsID(i),
			created:      created,
			deliveryType: automated,
			snapshot:     sn,
			target:       newTarget(groupID, SeedSecondClusterName),
			schedule:     schedule{takes: 3*time.Minute + 44*time.Second, ends: succeeds, ended: true},
		})
	}
}

func ticketsID(n int) string {
	return objectID(date(2025, 2, 10+n, 15, 30, 12), familyHistory, 0x800000+uint32(n)) //nolint:gosec // small
}

// dailySnapshot returns a complete snapshot of the past. It expires after ten years, later than in Atlas, so that
// documents may use it.
func dailySnapshot(scheduled time.Time, counter uint32) *snapshot {
	const growth = 9_437_184 // bytes a day; passes 32 bits within the history
	day := int64(scheduled.Sub(date(2024, 6, 1, 0, 0, 0)) / (24 * time.Hour))
	return &snapshot{
		id:        objectID(scheduled, familySnapshot, counter),
		scheduled: scheduled,
		started:   scheduled.Add(21 * time.Second),
		finished:  scheduled.Add(2*time.Minute + 3*time.Second),
		expires:   scheduled.AddDate(10, 0, 0),
		ended:     true,
		frequency: "daily",
		version:   mongoDBVersion,
		bytes:     1_874_329_600 + day*growth,
	}
}

func date(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}
