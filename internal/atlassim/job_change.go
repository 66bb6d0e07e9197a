package atlassim

import "time"

// AddJob adds a restore job to an instance or a cluster. It is created now, runs at once, and succeeds when takes has
// passed on the simulator's clock; with 0 it never ends. The id is "" where the cluster does not exist, or is a Free
// one, which has no backups.
func (s *Simulator) AddJob(groupID, clusterName string, takes time.Duration) (jobID string) {
	return s.addJob(groupID, clusterName, takes, succeeds)
}

// AddFailingJob is AddJob for a job that fails.
func (s *Simulator) AddFailingJob(groupID, clusterName string, takes time.Duration) (jobID string) {
	return s.addJob(groupID, clusterName, takes, fails)
}

func (s *Simulator) addJob(groupID, clusterName string, takes time.Duration, ends ending) (jobID string) {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
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
		schedule:     schedule{ends: neverEnds},
	}
	if takes > 0 {
		j.schedule = schedule{takes: now.Sub(created) + takes, ends: ends}
	}
	c.jobs.add(j)
	return j.id
}

// RemoveJob removes a restore job, which is a 404 from now on. It reports whether the job existed.
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
