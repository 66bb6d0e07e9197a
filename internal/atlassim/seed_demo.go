package atlassim

import "time"

// Names and ids of [WithRecentJobs].
const (
	// DemoGroupID is the project "Warehouse", with the Flex cluster "stock", the Dedicated cluster "shipping" and
	// DemoUnreadableClusterName.
	DemoGroupID = "6638da7d1f3a9b27c6000004"
	// DemoUnreadableClusterName is a Dedicated cluster whose backups Atlas cannot read: asked for its jobs or its
	// snapshots it answers 500 UNEXPECTED_ERROR, for as long as the simulator lives.
	DemoUnreadableClusterName = "ledger"
)

const (
	recentDays = 30
	// badDay is the day, counted back from the start, on which much went wrong: a history without one is no history.
	badDay = 9
)

// addRecent adds a month of restores up to now to the clusters that have backups, and adds the project of DemoGroupID.
// The jobs of each cluster are the same in every run, relative to the current time.
func (s *Simulator) addRecent() {
	warehouse := newProject("Warehouse", date(2024, 5, 6, 13, 26, 21), 4)
	stock := newCluster("stock", flex, date(2024, 5, 6, 13, 40, 2), 10)
	shipping := newCluster("shipping", dedicated, date(2024, 5, 8, 8, 12, 47), 11)
	ledger := newCluster(DemoUnreadableClusterName, dedicated, date(2024, 5, 8, 8, 30, 5), 12)
	shipping.size, ledger.size = "M20", "M40"
	for _, c := range []*cluster{stock, shipping, ledger} {
		c.host = "q7f2d8n.mongodb.example"
		warehouse.add(c)
	}
	s.store.add(warehouse)

	number := 0
	for _, p := range s.store.byName {
		for _, c := range p.clusters {
			if c.tier != free {
				c.addRecent(s.started, number)
				number++
			}
		}
	}
	s.faults.add(Fault{PathContains: "/clusters/" + DemoUnreadableClusterName + "/backup/", Status: 500})
}

// addRecent adds a month to a cluster: a snapshot a day, and a restore on most days, on some of them several.
func (c *cluster) addRecent(started time.Time, number int) {
	midnight := started.Truncate(24 * time.Hour)
	for ago := recentDays; ago > 0; ago-- {
		day := midnight.AddDate(0, 0, -ago)
		counter := uint32(0xf00000 + number<<8 + ago) //nolint:gosec // small
		sn := dailySnapshot(day.Add(25*time.Minute), counter)
		c.snapshots = append(c.snapshots, sn)
		count := scatter(number, ago) % 3
		if ago == badDay {
			count += 2
		}
		for n := range count {
			created := day.Add(6*time.Hour + time.Duration(scatter(number, ago, n)%(14*3600))*time.Second)
			if created.After(started.Add(-time.Hour)) {
				continue
			}
			j := &job{
				id:           objectID(created, familyRecent, counter<<2|uint32(n)),
				created:      created,
				deliveryType: automated,
				snapshot:     sn,
				target:       newTarget(c.project.id, c.name),
				schedule: schedule{
					takes: 2*time.Minute + time.Duration(scatter(ago, n, number)%1500)*time.Second, ends: succeeds,
				},
			}
			j.varies(scatter(n, number, ago), ago == badDay)
			c.jobs.stored = append(c.jobs.stored, j)
		}
	}
	c.index()
}

// varies changes some of the restores to other outcomes than a success.
func (j *job) varies(chance int, badDay bool) {
	switch {
	case badDay && chance%3 > 0, chance%13 == 0:
		j.schedule.ends = fails
	case chance%11 == 0:
		j.schedule.ends = isCancelled
	case chance%5 == 0:
		j.asDownload(flexKeeps)
	case chance%4 == 0 && j.target.clusterName != "":
		j.target = newTarget(j.target.groupID, j.target.clusterName+"-staging")
	}
}

// scatter returns a hash of two numbers (Knuth's multiplicative hashing).
func scatter(numbers ...int) int {
	h := uint32(17)
	for _, n := range numbers {
		h = (h ^ uint32(n+1)) * 2654435761 //nolint:gosec // only its bits matter
		h ^= h >> 15
	}
	return int(h >> 4)
}
