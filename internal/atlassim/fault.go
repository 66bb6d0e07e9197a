package atlassim

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is a failure that strikes requests in place of, or on top of, their answer.
//
// Unless BeforeAuth is set it strikes only requests that carry an Authorization header, so that a digest client still
// gets its challenge, and the failure lands on the call that matters. The credential itself is not looked at, no token
// is taken from a bucket, and no nonce is used up.
//
// Go's own HTTP client repeats a GET by itself when a kept-alive connection breaks before the first byte: a Reset with
// Times 1 may never be seen by the code above it.
type Fault struct {
	// PathContains picks the requests by their path; "" matches every request, the token endpoint too.
	PathContains string
	// Times is how many requests it strikes; 0 means until it is removed.
	Times int
	// BeforeAuth lets it strike requests without a credential too.
	BeforeAuth bool

	// Latency is waited before the answer, or until the request's context ends. With nothing else set the answer is
	// the normal one. It runs on real time, whatever [WithClock] says.
	Latency time.Duration
	// Status is the answer's status; its body is the one that Atlas sends with it, unless Body is set: an error of the
	// API, with regard for envelope and pretty, or one of OAuth at the token endpoint. With 0 and a Body or ErrorCode
	// it means 200 or 500.
	Status int
	// ErrorCode replaces the usual errorCode of the status, or the usual error of OAuth.
	ErrorCode string
	// RetryAfter is sent as the Retry-After header when not empty.
	RetryAfter string
	// ContentType and Body are sent as they are; ContentType alone does nothing.
	ContentType, Body string
	// Truncate announces the whole body, sends the first half of it and ends the connection.
	Truncate bool
	// Drip sends the body a byte at a time and pauses before each, on real time as Latency does. What the caller has
	// not got when it leaves is never sent.
	Drip time.Duration
	// Endless sends white space behind the body, as fast as it is taken and until the caller leaves. It wins over
	// Truncate and Drip.
	Endless bool
	// Reset breaks the connection without any answer. It wins over all of the above but Latency.
	Reset bool
}

// replaces says whether the fault brings its own answer.
func (f Fault) replaces() bool { return f.Status != 0 || f.Body != "" || f.ErrorCode != "" }

// wait lets Latency pass and reports whether the caller is still there.
func (f Fault) wait(ctx context.Context) bool {
	return pause(ctx, f.Latency)
}

// pause lets some time pass and reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f Fault) matches(r *http.Request) bool {
	if !f.BeforeAuth && r.Header.Get("Authorization") == "" {
		return false
	}
	return strings.Contains(r.URL.EscapedPath(), f.PathContains)
}

// faultList holds the faults in force. Its zero value is empty and ready.
type faultList struct {
	count atomic.Int64 // lets the usual case, no fault, pass without the lock
	mu    sync.Mutex
	all   []*activeFault
}

type activeFault struct {
	Fault
	left int // strikes left, when Times is not 0
}

func (l *faultList) add(f Fault) (remove func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	af := &activeFault{Fault: f, left: f.Times}
	l.all = append(l.all, af)
	l.count.Store(int64(len(l.all)))
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drop(af)
	}
}

// drop takes a fault out; the lock is held. It may be called again for one that has gone.
func (l *faultList) drop(af *activeFault) {
	for i, other := range l.all {
		if other == af {
			l.all = append(l.all[:i], l.all[i+1:]...)
			break
		}
	}
	l.count.Store(int64(len(l.all)))
}

// strike finds the fault for a request, if any, and counts the strike.
func (l *faultList) strike(r *http.Request) (Fault, bool) {
	if l.count.Load() == 0 {
		return Fault{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, af := range l.all {
		if !af.matches(r) {
			continue
		}
		if af.Times > 0 {
			if af.left--; af.left <= 0 {
				l.drop(af)
			}
		}
		return af.Fault, true
	}
	return Fault{}, false
}

// reset breaks the connection so that the caller sees a TCP reset, not a clean end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: the server resets the stream
	}
	raw := conn
	if t, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = t.NetConn()
	}
	if tcp, ok := raw.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // on failure the close below is clean, which is as broken for the caller
	}
	_ = conn.Close()
}
