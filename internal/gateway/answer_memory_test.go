package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestAnswerMemory_isAcquiredUpToItsLimitAndReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newAnswerMemory(1 << 20)
		w := httptest.NewRecorder()
		acquire := func(n int64) (*answerLease, error) {
			return m.acquire(t.Context(), n, w, time.Now().Add(answerGrace/8))
		}
		const large = 3 << 18 // the part that is not for small answers alone
		first, err := acquire(large)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := acquire(smallAnswer + 1); !errors.Is(err, errNoAnswerMemory) || time.Since(start) != answerGrace/8 {
			t.Errorf("a large answer: %v after %s", err, time.Since(start))
		}
		for i := range 4 {
			if _, err := acquire(smallAnswer); err != nil {
				t.Errorf("small answer %d: %v", i, err)
			}
		}
		if _, err := acquire(1); !errors.Is(err, errNoAnswerMemory) {
			t.Errorf("beyond all: %v", err)
		}
		go func() {
			<-time.After(answerGrace / 16)
			first.release()
		}()
		if _, err := acquire(large - 4*smallAnswer); err != nil {
			t.Errorf("after the first was given back: %v", err)
		}
		if s := m.stats(); s != (AnswerStats{Bytes: large, Refused: 2}) {
			t.Errorf("got %+v", s)
		}
	})
}

func TestAnswerMemory_acceptsASingleAnswerOfAnySize(t *testing.T) {
	m := newAnswerMemory(10)
	lease, err := m.acquire(t.Context(), 1000, httptest.NewRecorder(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	lease.release()
	if s := m.stats(); s != (AnswerStats{}) {
		t.Errorf("got %+v", s)
	}
}

func TestAnswerMemory_stopsWaitingWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newAnswerMemory(10)
		if _, err := m.acquire(t.Context(), 10, httptest.NewRecorder(), time.Now()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.acquire(ctx, 10, httptest.NewRecorder(), time.Now().Add(answerWait)); !errors.Is(err,
			context.DeadlineExceeded) {
			t.Errorf("memory: %v", err)
		}
	})
}

// sendOnPipe sends a request and reads nothing.
func sendOnPipe(t *testing.T, dial dialer, body string, headers ...string) net.Conn {
	t.Helper()
	conn, err := dial(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn,
		"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s",
		len(body), strings.Join(append(headers, ""), "\r\n"), body)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestAnswerMemory_boundsClientsThatDoNotRead has many clients that read nothing,
// on a network that holds nothing, and others that do read.
func TestAnswerMemory_boundsClientsThatDoNotRead(t *testing.T) {
	jobs := func(first int, selection string) string {
		return bodyOf(t, fmt.Sprintf(`{serverlessRestoreJobs(groupId:%q,clusterName:"orders",first:%d){nodes{%s}}}`,
			atlassim.SeedGroupID, first, selection), nil)
	}
	large, small := jobs(300, "a:links{href rel} b:links{href rel}"), jobs(50, "id state groupId clusterName")
	for _, tt := range []struct {
		name    string
		body    string
		headers []string
		clients int
		large   bool
	}{
		{name: "large answers", body: large, clients: 8, large: true},
		{
			name: "large answers that are compressed", body: large, headers: []string{"Accept-Encoding: gzip"}, clients: 20,
			large: true,
		},
		{name: "small answers", body: small, clients: 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble)
				whole := e.send(t, http.MethodPost, "/graphql", tt.body, post, "Accept-Encoding: identity")
				if len(whole.Raw) > smallAnswer != tt.large {
					t.Fatalf("the answer has %d bytes", len(whole.Raw))
				}
				most := int64(2 * len(whole.Raw))
				if len(tt.headers) > 0 {
					most /= 8
				}
				e.gateway.memory.mu.Lock()
				e.gateway.memory.max = most
				e.gateway.memory.mu.Unlock()
				dial := e.client.Transport.(*http.Transport).DialContext
				for range tt.clients {
					sendOnPipe(t, dial, tt.body, tt.headers...)
				}
				read := make(chan result, 2)
				for _, body := range []string{tt.body, small} {
					go func() {
						<-time.After(answerGrace)
						r, err := e.trySend(t.Context(), http.MethodPost, "/graphql", body, post)
						if err != nil {
							t.Error(err)
						}
						read <- r
					}()
				}
				for range 100 {
					<-time.After(answerWait / 50)
					synctest.Wait()
					if s := e.gateway.AnswerStats(); s.Bytes > most || s.Bytes == 0 {
						t.Errorf("%+v, of %d", s, most)
					}
				}
				for range 2 {
					if r := <-read; r.Status != 200 || len(r.Errors) > 0 {
						t.Errorf("a client that reads got %d %.200s", r.Status, r.Raw)
					}
				}
				if s := e.gateway.AnswerStats(); s.Cut == 0 {
					t.Errorf("no response was cut off: %+v", s)
				}
			})
		})
	}
}

func TestAnswerMemory_exhaustedIs503(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble)
		m := e.gateway.memory
		lease, err := m.acquire(t.Context(), m.max, httptest.NewRecorder(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		large := `{restoreJobs(groupId:"` + atlassim.SeedGroupID + `",first:500){nodes{links{href rel}}}}`
		check := func(what, query string) {
			start := time.Now()
			r := e.post(t, query, nil)
			x := r.Errors[0].Extensions
			if r.Status != 503 || r.Header.Get("Retry-After") != "1" || x["code"] != "OVERLOADED" || x["retryable"] != true ||
				x["retryAfterSeconds"] != 1.0 ||
				x["requestId"] == nil || strings.Contains(r.Raw, `"data"`) || r.Header.Get("Cache-Control") != "no-store" ||
				time.Since(start) != answerWait {
				t.Errorf("%s: after %s %d %v %s", what, time.Since(start), r.Status, r.Header, r.Raw)
			}
		}
		// It cannot be cut, because it writes to no network.
		check("a small answer", "{__typename}")
		check("a large answer", large)
		lease.release()
		if r := e.post(t, large, nil); r.Status != 200 || len(r.Errors) > 0 || m.stats().Bytes != 0 {
			t.Errorf("afterwards: %.200s %+v", r.Raw, m.stats())
		}
	})
}

// TestAnswerMemory_isReleasedHoweverTheRequestEnds has clients that leave while they are
// written to.
func TestAnswerMemory_isReleasedHoweverTheRequestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble)
		dial := e.client.Transport.(*http.Transport).DialContext
		conn := sendOnPipe(t, dial,
			bodyOf(t, `{restoreJobs(groupId:"`+atlassim.SeedGroupID+`",first:500){nodes{links{href rel}}}}`, nil))
		if _, err := io.ReadFull(conn, make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if e.gateway.AnswerStats().Bytes == 0 {
			t.Error("the answer takes no memory")
		}
		_ = conn.Close()
		synctest.Wait()
		if s := e.gateway.AnswerStats(); s.Bytes != 0 {
			t.Errorf("%+v", s)
		}
		if m := e.gateway.execution; !m.fields.TryAcquire(m.maxFields) {
			t.Error("the operation of a client that has left still counts as being executed")
		}
	})
}
