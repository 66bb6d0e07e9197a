package atlassim

import (
	"net/http"
	"strings"
	"sync"
)

// maxCalls bounds the calls that are kept.
const maxCalls = 100_000

// Call is one request that the simulator received. It holds no credential.
type Call struct {
	Method string
	// Path is the escaped path, as it was sent.
	Path     string
	RawQuery string
	// Status is that of the answer; 0 where the connection was reset or the caller left.
	Status int
	Accept string
	// AuthScheme is "Digest", "Bearer" or "Basic", "other" for anything else in the Authorization header, or "".
	AuthScheme string
}

// callLog is the newest maxCalls calls. Its zero value is an empty log.
type callLog struct {
	mu    sync.Mutex
	calls []Call
	next  int // where the next call goes, once the ring is full
}

func (l *callLog) add(r *http.Request, status int) {
	c := Call{
		Method:     r.Method,
		Path:       r.URL.EscapedPath(),
		RawQuery:   r.URL.RawQuery,
		Status:     status,
		Accept:     r.Header.Get("Accept"),
		AuthScheme: authScheme(r.Header.Get("Authorization")),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) < maxCalls {
		l.calls = append(l.calls, c)
		return
	}
	l.calls[l.next] = c
	l.next = (l.next + 1) % maxCalls
}

func (l *callLog) all() []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Call, 0, len(l.calls))
	out = append(out, l.calls[l.next:]...)
	return append(out, l.calls[:l.next]...)
}

func (l *callLog) count(match func(Call) bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, c := range l.calls {
		if match(c) {
			n++
		}
	}
	return n
}

func (l *callLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls, l.next = nil, 0
}

// authScheme returns the scheme of the header if it is a known one: otherwise the header may be just a secret.
func authScheme(header string) string {
	scheme, _, _ := strings.Cut(header, " ")
	for _, known := range []string{"Digest", "Bearer", "Basic"} {
		if strings.EqualFold(scheme, known) {
			return known
		}
	}
	if header != "" {
		return "other"
	}
	return ""
}
