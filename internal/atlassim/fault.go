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

// Fault is a failure that replaces or changes the answer to requests.
//
// Unless BeforeAuth is set it applies only to requests with an Authorization header, so that a digest client still gets
// its challenge. The credential is not checked, no token is taken from a bucket, and no nonce is used.
//
// Go's HTTP client repeats a GET when a kept-alive connection breaks before the first byte: its caller may not see a
// Reset with Times 1.
type Fault struct {
	// PathContains selects the requests by their path; "" matches every request, also those for tokens.
	PathContains string
	// Times is how many requests it applies to; 0 means until it is removed.
	Times int
	// BeforeAuth makes it apply to requests without a credential, too.
	BeforeAuth bool

	// Latency is the wait before the answer; the end of the request's context ends it. With nothing else set the
	// answer is the normal one. It is real time, also with [WithClock].
	Latency time.Duration
	// Status is the status of the answer. Without Body the body is the one that Atlas sends with the status: an error of
	// the API, by envelope and pretty, or one of OAuth for the token endpoint. With 0 it is 200 where Body is set, and
	// 500 where ErrorCode is.
	Status int
	// ErrorCode replaces the usual errorCode of the status, or the usual error of OAuth.
	ErrorCode string
	// RetryAfter is sent as the Retry-After header when not empty.
	RetryAfter string
	// ContentType and Body are sent as they are; ContentType alone does nothing.
	ContentType, Body string
	// Truncate announces the whole body, sends the first half of it and ends the connection.
	Truncate bool
	// Drip is a pause before each byte of the body, in real time, until the caller leaves.
	Drip time.Duration
	// Endless sends white space after the body until the caller leaves. It takes precedence over Truncate and Drip.
	Endless bool
	// Reset breaks the connection without an answer. It takes precedence over everything but Latency.
	Reset bool
}

// hasAnswer reports whether the fault replaces the answer.
func (f Fault) hasAnswer() bool { return f.Status != 0 || f.Body != "" || f.ErrorCode != "" }

// wait waits for Latency, and reports whether the caller is still there.
func (f Fault) wait(ctx context.Context) bool {
	return pause(ctx, f.Latency)
}

// pause waits, and reports whether the caller is still there.
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

// faultList has the active faults. Its zero value is an empty list.
type faultList struct {
	count atomic.Int64 // of all, so that take needs no lock where there is no fault
	mu    sync.Mutex
	all   []*activeFault
}

type activeFault struct {
	Fault
	remaining int // requests, where Times is not 0
}

func (l *faultList) add(f Fault) (remove func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	af := &activeFault{Fault: f, remaining: f.Times}
	l.all = append(l.all, af)
	l.count.Store(int64(len(l.all)))
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drop(af)
	}
}

// drop removes a fault. It may be called again for the same one. The lock is held.
func (l *faultList) drop(af *activeFault) {
	for i, other := range l.all {
		if other == af {
			l.all = append(l.all[:i], l.all[i+1:]...)
			break
		}
	}
	l.count.Store(int64(len(l.all)))
}

// take returns the fault that applies to a request, if there is one, and counts the request.
func (l *faultList) take(r *http.Request) (Fault, bool) {
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
			if af.remaining--; af.remaining <= 0 {
				l.drop(af)
			}
		}
		return af.Fault, true
	}
	return Fault{}, false
}

// reset breaks the connection by a TCP reset.
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
		_ = tcp.SetLinger(0) // without it the connection ends, which is an error for the caller, too
	}
	_ = conn.Close()
}
