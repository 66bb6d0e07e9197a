package atlassim

import "time"

// AddJob adds a restore job to an instance or a cluster, created at this moment, which runs at once. It succeeds when
// takes has passed on the simulator's clock; with 0 it runs for ever. The id is "" when there is no such cluster, or
// when it is a Free one, which has no backups.
func (s *Simulator) AddJob(groupID, clusterName string, takes time.Duration) (jobID string) {
	c := s.findCluster(groupID, clusterName)
	if c == nil || c.tierNow(s.serverlessIsRetired()) == free {
		return ""
	}
	now := s.now().UTC()
	created := now.Truncate(time.Second)
	j := &job{
		id:           objectID(created, familyAdded, s.added.Add(1)),
		created:      created,
		deliveryType: automated,
		snapshot:     c.newestSnapshot(now),
		target:       newTarget(groupID, clusterName),
		life:         life{ends: neverEnds},
	}
	if takes > 0 {
		j.life = life{takes: now.Sub(created) + takes, ends: succeeds}
	}
	c.jobs.add(j)
	return j.id
}

// RemoveJob takes a restore job out of its list, so that asking for it is a 404 from now on. It reports whether the
// job was there.
func (s *Simulator) RemoveJob(groupID, clusterName, jobID string) bool {
	c := s.findCluster(groupID, clusterName)
	return c != nil && isObjectID(jobID) && c.jobs.remove(jobID, s.now().UTC())
}

func (s *Simulator) findCluster(groupID, clusterName string) *cluster {
	if p := s.store.projects[groupID]; p != nil {
		return p.byName[clusterName]
	}
	return nil
}
