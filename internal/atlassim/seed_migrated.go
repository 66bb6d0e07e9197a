package atlassim

import "time"

// The jobs of each former serverless instance. All are from that time, and have ended long ago.
const (
	migratedSucceeded = iota
	migratedFailed
	migratedCancelled
	migratedExpired
	migratedPointInTime
	migratedCount
)

func migratedJobs(clusterName string) jobFamily {
	first := date(2025, 3, 3, 6, 50, 14)
	if clusterName == SeedMigratedToDedicatedName {
		first = date(2025, 3, 17, 18, 9, 45)
	}
	return jobFamily{family: familyMigrated, first: first, target: newTarget(SeedGroupID, clusterName)}
}

func fillMigrated(c *cluster) {
	f := migratedJobs(c.name)
	midnight := f.first.Truncate(24 * time.Hour)
	c.snapshots = dailySnapshots(migratedCount, midnight, 0xd00000)
	for n := range migratedCount {
		j := f.ended(n, c.snapshots[n])
		switch n {
		case migratedFailed:
			j.schedule.ends = fails
		case migratedCancelled:
			j.schedule.ends, j.schedule.omitsFinishedAt = isCancelled, true
		case migratedExpired:
			j.asDownload(time.Hour)
		case migratedPointInTime:
			j.asPointInTime()
		}
		c.jobs.stored = append(c.jobs.stored, j)
	}
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
