package restore

import "context"

// Job reads one restore job of one cluster, or of one serverless instance. Of a tier whose API is
// the only one to ask (see isOnly) it takes one call; else one call once it is known which API has
// the cluster, at most three before; and one more, of AnyTier, where the Dedicated API does not have
// the job. Errors are of Atlas (*atlas.Error) or of ctx.
func (s *Service) Job(ctx context.Context, tier Tier, key Key) (*Job, error) {
	if s.isOnly(tier) {
		return s.getJob(ctx, tier, key)
	}
	return askTiers(ctx, s, key.Cluster(), func(ctx context.Context, of Tier) (*Job, error) {
		job, err := s.getJob(ctx, of, key)
		if tier == AnyTier && of == Dedicated {
			return s.withCollections(ctx, key, job, err)
		}
		return job, err
	})
}

// isOnly reports whether a request for a cluster of this tier goes to the API of the tier and to no
// other. AnyTier is whichever has the cluster, and Serverless the serverless API or, unless
// the mode is ServerlessOn, that of the tier that the instance was moved to.
func (s *Service) isOnly(tier Tier) bool {
	return tier == Flex || tier == Dedicated || tier == Collection || tier == Serverless && s.mode == ServerlessOn
}

// getJob asks one API for a job, in a batch with concurrent requests for jobs of its cluster.
func (s *Service) getJob(ctx context.Context, tier Tier, key Key) (*Job, error) {
	return s.cachedJob(ctx, tier, key, s.coalescedJob)
}

// cachedJob returns the job that is cached or stands on the newest page if that is cached, and otherwise the one that
// read returns.
func (s *Service) cachedJob(ctx context.Context,
	tier Tier, key Key, read func(context.Context, Tier, Key) (*Job, error)) (*Job, error) {
	if job, ok := s.findJob(ctx, tier, key); ok {
		return job, nil
	}
	if s.fetchPages(ctx, jobList{tier, key.Cluster()}) {
		if job, ok := s.findJob(ctx, tier, key); ok {
			return job, nil
		}
	}
	return s.cache.jobs.Get(ctx, jobKey(tier, key), func(ctx context.Context) (*Job, error) {
		return read(ctx, tier, key)
	})
}

func (s *Service) readJob(ctx context.Context, tier Tier, key Key) (*Job, error) {
	return jobAPIs[tier].get(ctx, s, key.Cluster(), key.GroupID, key.ClusterName, key.JobID)
}
