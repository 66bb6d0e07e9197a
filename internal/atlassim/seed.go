package atlassim

import "time"

// What the seed holds at fixed places, for documents and tests to quote.
const (
	// SeedGroupID is the project "Storefront", with the serverless instance SeedClusterName, which has more than 600
	// restore jobs, and one cluster of each other tier.
	SeedGroupID = "63f3484e1f3a9b27c6000001"
	// SeedClusterName is the serverless instance of SeedGroupID.
	SeedClusterName = "orders"
	// SeedFlexClusterName and SeedDedicatedClusterName are clusters of SeedGroupID that are not serverless.
	SeedFlexClusterName      = "catalog"
	SeedDedicatedClusterName = "reporting"
	// SeedSecondGroupID is the project "Support desk", with the small serverless instance SeedSecondClusterName.
	SeedSecondGroupID     = "659d52df1f3a9b27c6000002"
	SeedSecondClusterName = "tickets"
)

const mongoDBVersion = "8.0.12"

// seed makes the two projects. Everything but the relative and the live jobs is the same in every run; those are timed
// from started.
func seed(started time.Time) *store {
	s := newStore()
	orgID := objectID(date(2022, 11, 8, 9, 0, 0), familyOrganization, 0x21a7f0)

	storefront := &project{
		name:    "Storefront",
		orgID:   orgID,
		created: date(2023, 2, 20, 10, 15, 42),
		tags:    []tag{{"environment", "production"}, {"team", "checkout"}},
	}
	storefront.id = objectID(storefront.created, familyProject, 1)
	support := &project{
		name:    "Support desk",
		orgID:   orgID,
		created: date(2024, 1, 9, 14, 6, 23),
	}
	support.id = objectID(support.created, familyProject, 2)

	orders := newCluster(SeedClusterName, serverless, date(2023, 2, 20, 10, 31, 7), 1)
	orders.host = "x4k9t2p.mongodb.example"
	orders.continuous, orders.protected = true, true
	orders.tags = []tag{{"environment", "production"}}
	fillOrders(orders, storefront.id, support.id, started)

	catalog := newCluster(SeedFlexClusterName, flex, date(2025, 1, 14, 8, 2, 55), 2)
	catalog.host = "x4k9t2p.mongodb.example"
	reporting := newCluster(SeedDedicatedClusterName, dedicated, date(2023, 6, 1, 12, 40, 18), 3)
	reporting.host = "x4k9t2p.mongodb.example"
	storefront.clusters = []*cluster{orders, catalog, reporting}

	tickets := newCluster(SeedSecondClusterName, serverless, date(2024, 1, 9, 14, 20, 9), 4)
	tickets.host = "m8w3c6z.mongodb.example"
	tickets.region = "EU_WEST_1"
	fillTickets(tickets, support.id)
	support.clusters = []*cluster{tickets}

	s.add(storefront)
	s.add(support)
	return s
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

// fillTickets gives the small instance three days of snapshots, and a restore from each.
func fillTickets(c *cluster, groupID string) {
	for i := range 3 {
		sn := dailySnapshot(date(2025, 2, 10+i, 0, 20, 0), 0x800000+uint32(i))
		c.snapshots = append(c.snapshots, sn)
		created := date(2025, 2, 10+i, 15, 30, 12)
		c.jobs = append(c.jobs, &job{
			id:           objectID(created, familyHistory, 0x800000+uint32(i)),
			created:      created,
			deliveryType: automated,
			snapshot:     sn,
			target:       target{groupID, SeedSecondClusterName},
			life:         life{takes: 3*time.Minute + 44*time.Second, ends: succeeds, settled: true},
		})
	}
}

// dailySnapshot is a complete snapshot of the past. It is kept for ten years, longer than Atlas would, so that the
// documents that quote it stay right.
func dailySnapshot(scheduled time.Time, counter uint32) *snapshot {
	const growth = 9_437_184 // bytes a day; passes 32 bits within the history
	day := int64(scheduled.Sub(date(2024, 6, 1, 0, 0, 0)) / (24 * time.Hour))
	return &snapshot{
		id:        objectID(scheduled, familySnapshot, counter),
		scheduled: scheduled,
		started:   scheduled.Add(21 * time.Second),
		finished:  scheduled.Add(2*time.Minute + 3*time.Second),
		expires:   scheduled.AddDate(10, 0, 0),
		settled:   true,
		frequency: "daily",
		version:   mongoDBVersion,
		bytes:     1_874_329_600 + day*growth,
	}
}

func date(year int, month time.Month, day, hour, minute, second int) time.Time {
	return time.Date(year, month, day, hour, minute, second, 0, time.UTC)
}
