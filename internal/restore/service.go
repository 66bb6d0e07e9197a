package restore

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"atlas-restore-gateway/internal/atlas"
)

// Service reads restore jobs, and what belongs to them, from Atlas. It is safe for
// concurrent use.
type Service struct {
	atlas     *atlas.Client
	mode      ServerlessMode
	cache     *cache
	tiers     *tierCache
	indexes   *jobIndexes
	coalescer coalescer
	unknown   unknownValues
}

// Options are the settings of a Service. The zero value asks the serverless API while
// it lives and keeps no answers.
type Options struct {
	Serverless ServerlessMode
	Cache      CacheSettings
}

// NewService makes a service that reads with client and reports to logger. Close must
// be called.
func NewService(client *atlas.Client, o Options, logger *slog.Logger) (*Service, error) {
	cache, err := newCache(o.Cache)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return &Service{
		atlas: client, mode: o.Serverless, cache: cache,
		tiers: newTierCache(), indexes: newJobIndexes(), coalescer: coalescer{lists: make(map[jobList]*listRequests)},
		unknown: unknownValues{logger: logger},
	}, nil
}

// Close cancels the calls that are running and waits for them.
func (s *Service) Close() {
	s.cache.Close()
	s.coalescer.flights.Close()
}

// Job reads one restore job of one cluster, or of one serverless instance. Of a tier whose API is
// the only one to ask (see isOnly) it takes one call; else one call once it is known which API has
// the cluster, at most three before. Errors are of Atlas (*atlas.Error) or of ctx.
func (s *Service) Job(ctx context.Context, tier Tier, key Key) (*Job, error) {
	if s.isOnly(tier) {
		return s.getJob(ctx, tier, key)
	}
	return find(ctx, s, key.Cluster(), func(ctx context.Context, api Tier) (*Job, error) {
		return s.getJob(ctx, api, key)
	})
}

// isOnly reports whether a question about a cluster of this tier goes to the API of the tier and
// to no other. AnyTier is whichever has the cluster, and Serverless the serverless API or, unless
// the mode is ServerlessOn, that of the tier that the instance was moved to.
func (s *Service) isOnly(tier Tier) bool {
	return tier == Flex || tier == Dedicated || tier == Serverless && s.mode == ServerlessOn
}

// getJob asks one API for a job, together with others who ask for jobs of its cluster.
func (s *Service) getJob(ctx context.Context, api Tier, key Key) (*Job, error) {
	return s.cachedJob(ctx, api, key, s.coalescedJob)
}

// cachedJob returns the job that is cached or stands on the newest page if that is cached, and otherwise the one that
// read returns.
func (s *Service) cachedJob(ctx context.Context, tier Tier, key Key, read func(context.Context, Tier, Key) (*Job, error)) (*Job, error) {
	if p, ok := s.cachedPage(ctx, tier, key.Cluster(), newestJobs); ok {
		for _, job := range p.items {
			if job.JobID == key.JobID && job.Err == nil {
				s.cache.jobPages.CountHit()
				return job, nil
			}
		}
	}
	return s.cache.jobs.Get(ctx, jobKey(tier, key), func(ctx context.Context) (*Job, error) {
		return read(ctx, tier, key)
	})
}

func (s *Service) readJob(ctx context.Context, api Tier, key Key) (*Job, error) {
	switch api {
	case Flex:
		j, err := s.atlas.GetFlexRestoreJob(ctx, key.GroupID, key.ClusterName, key.JobID)
		return mapped(s.fromFlex, key.Cluster(), j, err)
	case Dedicated:
		j, err := s.atlas.GetDedicatedRestoreJob(ctx, key.GroupID, key.ClusterName, key.JobID)
		return mapped(s.fromDedicated, key.Cluster(), j, err)
	default:
		j, err := s.atlas.GetServerlessRestoreJob(ctx, key.GroupID, key.ClusterName, key.JobID)
		return mapped(s.fromServerless, key.Cluster(), j, err)
	}
}

// mapped maps what Atlas answered to the domain, unless it is an error.
func mapped[From, To any](to func(ClusterKey, *From) *To, cluster ClusterKey, from *From, err error) (*To, error) {
	if err != nil {
		return nil, err
	}
	return to(cluster, from), nil
}

// unknownValues reports each value of an open enumeration that is not known, once.
type unknownValues struct {
	logger *slog.Logger

	mu   sync.Mutex
	seen map[string]struct{}
}

// Bounds on what is remembered and logged of values that come from outside.
const (
	maxUnknownValues     = 100
	maxUnknownValueBytes = 64
)

func (u *unknownValues) report(field, value string) {
	whole := value
	value = value[:min(len(value), maxUnknownValueBytes)]
	u.mu.Lock()
	_, known := u.seen[field+"\x00"+value]
	full := len(u.seen) >= maxUnknownValues
	if !known && !full {
		if u.seen == nil {
			u.seen = make(map[string]struct{})
		}
		u.seen[field+"\x00"+value] = struct{}{}
	}
	u.mu.Unlock()
	if !known && !full {
		// The whole of it, because half of a secret may not look like one.
		scrubbed := atlas.Scrub(whole)
		scrubbed = strings.ToValidUTF8(scrubbed[:min(len(scrubbed), maxUnknownValueBytes)], "")
		u.logger.Warn("atlas sent a value that this version does not know; it is served as UNKNOWN",
			slog.String("field", field), slog.String("value", scrubbed))
	}
}
