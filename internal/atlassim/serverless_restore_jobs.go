package atlassim

// listServerlessRestoreJobs is GET /groups/{groupId}/serverless/{clusterName}/backup/restoreJobs, newest first.
func listServerlessRestoreJobs(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	return x.listJobs(&c.jobs, newJobWriter(x, c).write)
}

// getServerlessRestoreJob is GET /groups/{groupId}/serverless/{clusterName}/backup/restoreJobs/{restoreJobId}.
func getServerlessRestoreJob(_ *Simulator, x *exchange) answer {
	c, e := x.serverlessInstance()
	if e != nil {
		return e.answer(x.query)
	}
	j := c.jobs.find(x.arguments.restoreJobID, x.now)
	if j == nil {
		return errNoJob(x.arguments.restoreJobID, c.name).answer(x.query)
	}
	t := jsonText{buf: make([]byte, 0, 1280)}
	newJobWriter(x, c).write(&t, j)
	return x.resource(t.buf)
}
