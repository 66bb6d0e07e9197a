package restore

import (
	"fmt"
	"log/slog"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
)

// Service reads restore jobs, and what belongs to them, from Atlas. It is safe for concurrent use.
type Service struct {
	atlas     *atlas.Client
	mode      ServerlessMode
	cache     *cache
	tiers     *tierCache
	indexes   *jobIndexes
	coalescer coalescer
	unknown   unknownValues
	live      liveView
	forgotten *forgotten
}

// Options are the settings of a Service. The zero value asks the serverless API until it is retired, and caches no
// answers.
type Options struct {
	Serverless ServerlessMode
	Cache      CacheSettings
	// Shared is a store behind the cache, which other processes with the same credential use as well; nil is none.
	Shared callcache.Shared
	// Polls shares the polls of a Live with such processes; nil where there are none.
	Polls SharedPolls
}

// NewService returns a service that reads with client and logs to logger. Close must be called.
func NewService(client *atlas.Client, o Options, logger *slog.Logger) (*Service, error) {
	forgotten := newForgotten()
	cache, err := newCache(o.Cache, o.Shared, false, forgotten)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return &Service{
		atlas: client, mode: o.Serverless, cache: cache, forgotten: forgotten,
		tiers: newTierCache(o.Shared), indexes: newJobIndexes(), coalescer: coalescer{lists: make(map[jobList]*listRequests)},
		unknown: unknownValues{logger: logger}, live: liveView{bytes: o.Cache.Bytes, shared: o.Shared, polls: o.Polls, shareDownloads: o.Cache.ShareDownloads},
	}, nil
}

// Close cancels the calls that are running and waits for them.
func (s *Service) Close() {
	s.live.close()
	s.cache.Close()
	s.coalescer.flights.Close()
}
