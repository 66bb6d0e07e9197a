package atlassim

import "time"

// migratedJobs returns the jobs of a former serverless instance. All are from that time, and have ended long ago.
func migratedJobs(clusterName, label string, first time.Time) jobFamily {
	return jobFamily{
		family: familyMigrated, first: first, target: newTarget(SeedGroupID, clusterName),
		jobs: []seedJob{
			{label: label},
			{change: endsAs(fails)},
			{label: label + "Cancelled", change: cancelledSilently},
			{label: label + "Expired", change: fetchableForAnHour},
			{change: pointInTimeBefore(time.Hour)},
		},
	}
}

func migrated() []jobFamily {
	return []jobFamily{
		migratedJobs(SeedMigratedToFlexName, "migratedToFlex", date(2025, 3, 3, 6, 50, 14)),
		migratedJobs(SeedMigratedToDedicatedName, "migratedToDedicated", date(2025, 3, 17, 18, 9, 45)),
	}
}

func fillMigrated(c *cluster, f jobFamily) {
	c.snapshots = dailySnapshots(len(f.jobs), f.first.Truncate(24*time.Hour), 0xd00000)
	c.jobs.stored = f.all(c.snapshots, nil)
}

const (
	// BulkClusterName is the cluster that [WithJobs] adds.
	BulkClusterName = "bulk"
	maxBulk         = 50_000
)

// addBulk adds the cluster of [WithJobs].
func (s *store) addBulk(jobs int) {
	c := newCluster(BulkClusterName, dedicated, date(2024, 12, 30, 8, 0, 0), 9)
	c.host = "x4k9t2p.mongodb.example"
	c.size = "M50"
	c.snapshots = dailySnapshots(30, date(2024, 12, 31, 1, 0, 0), 0xe00000)
	c.jobs.stored = finishedJobs(familyBulk, jobs, date(2025, 1, 1, 0, 0, 0), time.Minute, c.snapshots,
		newTarget(SeedGroupID, BulkClusterName))
	if p := s.projects[SeedGroupID]; p != nil {
		p.add(c)
		c.index()
		return
	}
	p := newProject("Storefront", date(2023, 2, 20, 10, 15, 42), 1)
	p.add(c)
	s.add(p)
}
