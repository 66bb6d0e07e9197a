package atlas

import (
	"net/http"
	"sync"
)

// maxCallsPerProject is how many calls for one project are made at a time. When they hang, this
// leaves connections to other projects; Atlas's rate limit allows far fewer.
const maxCallsPerProject = 32

// bulkhead keeps the calls for one project from using all connections (the bulkhead pattern). A
// call beyond maxCallsPerProject waits, as long as its context lets it.
type bulkhead struct {
	mu       sync.Mutex
	projects map[string]*projectSlots
}

// projectSlots are those of one project. They exist while a call has one or waits for one.
type projectSlots struct {
	slots chan struct{}
	calls int
}

func newBulkhead() *bulkhead { return &bulkhead{projects: make(map[string]*projectSlots)} }

// join returns the slots of a project, for one call; leave must follow.
func (b *bulkhead) join(project string) *projectSlots {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.projects[project]
	if p == nil {
		p = &projectSlots{slots: make(chan struct{}, maxCallsPerProject)}
		b.projects[project] = p
	}
	p.calls++
	return p
}

func (b *bulkhead) leave(project string, p *projectSlots) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.calls--; p.calls == 0 {
		delete(b.projects, project)
	}
}

// limit lets a call pass while fewer than maxCallsPerProject of its project are being made. All
// attempts of a call, and the waits between them, have one slot.
func (b *bulkhead) limit(next http.RoundTripper) http.RoundTripper {
	return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		info := callInfoFrom(r.Context())
		if info == nil {
			return next.RoundTrip(r)
		}
		p := b.join(info.project)
		defer b.leave(info.project, p)
		select {
		case p.slots <- struct{}{}:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		defer func() { <-p.slots }()
		return next.RoundTrip(r)
	})
}
