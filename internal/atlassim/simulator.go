package atlassim

import (
	"compress/gzip"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Simulator answers like the Atlas Administration API v2. It is safe for concurrent use. Make one with [New].
type Simulator struct {
	now     func() time.Time
	started time.Time
	store   *store

	backup, flex   endpointSet
	limiter        *limiter
	nonces         *nonces
	keys           map[string]*account
	serviceAccount map[string]*account
	tokens         *tokens
	organizations  map[string]string // by the projects that WithOrganization moved
	noSeed         bool
	bulk           int           // jobs of the cluster that WithJobs adds
	recent         bool          // WithRecentJobs was given
	routes         []route       // of all operations, which one of them lists
	many           int           // projects of WithProjects
	collections    bool          // WithCollectionRestores was given
	noCollections  bool          // WithoutCollectionRestores was given
	added          atomic.Uint32 // jobs that AddJob has made

	calls  callLog
	faults faultList

	retired      atomic.Bool
	retiredAs404 atomic.Bool

	gzips sync.Pool
}

var _ http.Handler = (*Simulator)(nil)

// New returns a simulator with three seeded projects, unless [WithoutSeed] is given. The schedules of jobs that are not
// finished begin with this call. Without [WithAPIKey] or [WithServiceAccount] every request is answered 401.
func New(opts ...Option) *Simulator {
	s := &Simulator{
		now:            time.Now,
		backup:         endpointSet{name: "Cloud Backups", capacity: 1200, refill: 500, scope: perProject},
		flex:           endpointSet{name: "Flex Backups", capacity: 1200, refill: 500, scope: perProject},
		nonces:         newNonces(5 * time.Minute),
		keys:           map[string]*account{},
		serviceAccount: map[string]*account{},
		tokens:         newTokens(time.Hour),
		organizations:  map[string]string{},
		limiter:        newLimiter(),
	}
	for _, opt := range opts {
		opt(s)
	}
	s.gzips.New = func() any {
		zw, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for a level that does not exist
		return zw
	}
	s.routes = routes
	s.started = s.now().UTC().Truncate(time.Second)
	if s.noSeed {
		s.store = newStore()
	} else {
		s.store = seed(s.started)
	}
	if s.bulk > 0 {
		s.store.addBulk(s.bulk)
	}
	s.store.addMany(s.many)
	if s.collections {
		s.addCollectionRestores()
	}
	if s.recent {
		s.addRecent()
	}
	for groupID, orgID := range s.organizations {
		if p := s.store.projects[groupID]; p != nil {
			p.orgID = orgID
		}
	}
	return s
}

// ServeHTTP answers one request. The context of the request ends the wait of a [Fault] with Latency.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, faulty := s.faults.take(r)
	if faulty {
		if !f.wait(r.Context()) {
			s.calls.add(r, 0) // the caller has left
			return
		}
		if f.Reset {
			s.calls.add(r, 0)
			reset(w)
			return
		}
	}
	now := s.now().UTC()
	var a answer
	if faulty && f.hasAnswer() {
		a = s.faultAnswer(f, r, now)
	} else {
		a = s.answer(r, now)
		if faulty && f.RetryAfter != "" {
			a.header = append(a.header, field{"Retry-After", f.RetryAfter})
		}
	}
	// Before the body is sent, so that a caller that has the answer also finds the call.
	s.calls.add(r, a.status)
	switch {
	case faulty && f.Endless:
		writeEndless(w, r, a, now)
	case faulty && f.Truncate:
		writeTruncated(w, a, now)
	case faulty && f.Drip > 0:
		writeDripping(w, r, a, now, f.Drip)
	default:
		s.write(w, r, a, now)
	}
}

// RetireServerless turns the sunset of the serverless API on or off. After it the backup paths answer 410
// VERSION_GONE, the list of instances is empty and an instance is not found, as Atlas does since the migration. Each
// instance is then a cluster of the same name, and the API of its new tier serves the same jobs and snapshots.
func (s *Simulator) RetireServerless(yes bool) { s.retired.Store(yes) }

// RetireServerlessAs404 is the sunset with 404 in place of 410 on the backup paths. No recording shows it, and no
// document excludes it (inferred). It takes precedence over [Simulator.RetireServerless].
func (s *Simulator) RetireServerlessAs404(yes bool) { s.retiredAs404.Store(yes) }

// serverlessIsRetired reports whether either sunset is on.
func (s *Simulator) serverlessIsRetired() bool { return s.retired.Load() || s.retiredAs404.Load() }

// RevokeTokens makes every OAuth token that was issued so far invalid.
func (s *Simulator) RevokeTokens() { s.tokens.revokeAll() }

// ExpireNonces expires every digest nonce that was issued so far: a request with one is answered with stale=true.
func (s *Simulator) ExpireNonces() { s.nonces.expireAll() }

// Inject adds a fault, which applies until it has done so [Fault].Times times or remove is called. When several faults
// match a request, the oldest one applies.
func (s *Simulator) Inject(f Fault) (remove func()) { return s.faults.add(f) }

// Calls returns every request since the start or the last [Simulator.ResetCalls], in the order of their answers, and
// at most the newest 100 000. A request is listed before its answer is sent.
func (s *Simulator) Calls() []Call { return s.calls.all() }

// CountCalls counts the requests of [Simulator.Calls] that match, without a copy of them. match must not call the
// simulator.
func (s *Simulator) CountCalls(match func(Call) bool) int { return s.calls.count(match) }

// ResetCalls removes the requests of [Simulator.Calls].
func (s *Simulator) ResetCalls() { s.calls.reset() }
