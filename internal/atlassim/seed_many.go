package atlassim

import (
	"fmt"
	"time"
)

const (
	// ManyOrganizationID is the organization of the projects of [WithProjects].
	ManyOrganizationID = "65920080aa5c1d2e3f4a0001"
	maxMany            = 1000
)

// ManyGroupID returns the id of project n of [WithProjects], from 0.
func ManyGroupID(n int) string {
	return objectID(date(2024, 1, 1, 0, 0, n), familyProject, 0x800000+uint32(n)) //nolint:gosec // small
}

// addMany adds the projects of [WithProjects]. The jobs of project n are as many minutes older than those of project 0.
func (s *store) addMany(projects int) {
	for n := range projects {
		p := newProject(fmt.Sprintf("Branch %04d", n), date(2024, 1, 1, 0, 0, n), 0x800000+uint32(n))
		p.orgID = ManyOrganizationID
		for i, t := range []tier{flex, dedicated} {
			c := newCluster([]string{"flex", "main"}[i], t, date(2024, 1, 2, 0, i, n), 0x800000+uint32(2*n+i))
			c.host, c.size = "b2r8n5c.mongodb.example", "M10"
			c.snapshots = dailySnapshots(2, date(2025, 5, 1, 0, i, 0), 0xa00000)
			c.jobs.stored = finishedJobs(familyBulk, 2, date(2025, 6, 1, 12, 0, 30*i).Add(-time.Duration(n)*time.Minute), time.Hour,
				c.snapshots, newTarget(p.id, c.name))
			p.add(c)
		}
		s.add(p)
	}
}
