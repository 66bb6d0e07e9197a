package atlassim

// listClusterRestoreJobs is GET /groups/{groupId}/clusters/{clusterName}/backup/restoreJobs, newest first. A Free
// cluster has none (inferred: Atlas may also return an error).
func listClusterRestoreJobs(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	if x.tier(c) == free {
		return x.list(0, nil)
	}
	return x.listJobs(&c.jobs, newJobWriter(x, c).write)
}

// getClusterRestoreJob is GET /groups/{groupId}/clusters/{clusterName}/backup/restoreJobs/{restoreJobId}.
func getClusterRestoreJob(_ *Simulator, x *exchange) answer {
	c, e := x.cluster()
	if e != nil {
		return e.answer(x.query)
	}
	var j *job
	if x.tier(c) != free {
		j = c.jobs.find(x.arguments.restoreJobID, x.now)
	}
	if j == nil {
		return errNoJob(x.arguments.restoreJobID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 1536)}
	newJobWriter(x, c).write(&t, j)
	return x.resource(t.buf)
}
