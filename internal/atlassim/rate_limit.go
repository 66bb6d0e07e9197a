package atlassim

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"
)

// refillEvery is how often a bucket is refilled. That the refill comes at once each minute, and not token by token, is
// inferred from the waits that Atlas sends: many seconds, where a single token would take less than one.
const refillEvery = time.Minute

// scope is what a bucket belongs to.
type scope int

const (
	perProject scope = iota
	perUser
)

// endpointSet is a group of endpoints that share a bucket.
type endpointSet struct {
	name             string
	capacity, refill int // tokens; tokens each refillEvery
	scope            scope
}

// The sets but the two backup sets, which belong to the simulator because options change them. That the root and the
// serverless instances have the usual size is inferred.
var (
	setRoot      = endpointSet{name: "Root", capacity: 1200, refill: 500, scope: perUser}
	setGroups    = endpointSet{name: "Projects of a user", capacity: 1200, refill: 500, scope: perUser}
	setGroup     = endpointSet{name: "Projects", capacity: 1200, refill: 500, scope: perProject}
	setInstances = endpointSet{name: "Serverless Instances", capacity: 1200, refill: 500, scope: perProject}
	setFlex      = endpointSet{name: "Flex Clusters", capacity: 1200, refill: 500, scope: perProject}
	setClusters  = endpointSet{name: "Clusters", capacity: 10000, refill: 5000, scope: perProject}
)

// limiter has the buckets: one for each set and existing project or credential.
type limiter struct {
	mu      sync.Mutex
	buckets map[bucketKey]*bucket
}

type bucketKey struct{ set, owner string }

type bucket struct {
	tokens     int
	refilledAt time.Time
}

func newLimiter() *limiter { return &limiter{buckets: map[bucketKey]*bucket{}} }

// allowance is the result of taking a token.
type allowance struct {
	ok        bool
	remaining int
	wait      time.Duration // until the next refill, when not ok
}

func (l *limiter) take(set endpointSet, owner string, now time.Time) allowance {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := bucketKey{set.name, owner}
	b := l.buckets[key]
	if b == nil {
		b = &bucket{tokens: set.capacity, refilledAt: now}
		l.buckets[key] = b
	}
	if since := now.Sub(b.refilledAt); since >= refillEvery {
		refills := int64(since / refillEvery)
		b.tokens = int(min(int64(set.capacity), int64(b.tokens)+refills*int64(set.refill)))
		b.refilledAt = now.Add(-(since % refillEvery))
	}
	if b.tokens < 1 {
		return allowance{wait: b.refilledAt.Add(refillEvery).Sub(now)}
	}
	b.tokens--
	return allowance{ok: true, remaining: b.tokens}
}

// endpoint is one operation of an endpoint set.
type endpoint struct{ method, path string }

// listRateLimits is GET /rateLimits: the limits of every endpoint set, for the project of the parameter groupId or,
// without it, by default.
func listRateLimits(s *Simulator, x *exchange) answer {
	if groupID := x.request.URL.Query().Get("groupId"); groupID != "" && !x.caller.mayRead(groupID) {
		e := errForbidden()
		return e.answer(x.query)
	}
	endpoints := map[endpointSet][]endpoint{}
	var sets []endpointSet
	for _, rt := range s.routes {
		set := rt.set(s)
		if endpoints[set] == nil {
			sets = append(sets, set)
		}
		endpoints[set] = append(endpoints[set], endpoint{
			method: cmp.Or(rt.method, http.MethodGet), path: strings.Join(append([]string{apiRoot}, rt.segments...), "/"),
		})
	}
	return x.list(len(sets), func(t *jsonText, i int) {
		set := sets[i]
		limit := func(name string, value int) {
			t.openField(name, '{')
			t.number("defaultValue", int64(value))
			t.number("value", int64(value))
			t.close('}')
		}
		t.open()
		limit("capacity", set.capacity)
		t.text("endpointSetId", set.name)
		t.text("endpointSetName", set.name)
		t.openField("endpoints", '[')
		for _, e := range endpoints[set] {
			t.open()
			t.text("method", e.method)
			t.text("path", e.path)
			t.close('}')
		}
		t.close(']')
		limit("refillDurationSeconds", int(refillEvery/time.Second))
		limit("refillRate", set.refill)
		t.text("scope", map[scope]string{perProject: "GROUP", perUser: "USER"}[set.scope])
		t.close('}')
	})
}
