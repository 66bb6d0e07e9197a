package atlas

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// script is Atlas without a network: it answers the n-th request, from 1, and keeps
// when each came.
type script struct {
	answer func(n int, r *http.Request) (*http.Response, error)

	mu    sync.Mutex
	times []time.Time
	paths []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.times = append(s.times, time.Now())
	s.paths = append(s.paths, r.URL.Path)
	n := len(s.times)
	s.mu.Unlock()
	res, err := s.answer(n, r)
	if res != nil {
		res.Request = r
	}
	return res, err
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

func (s *script) client(t *testing.T, opts ...Option) *Client {
	t.Helper()
	c, err := New(AccessToken{Token: "t"}, append([]Option{WithTransport(s)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// always answers every request alike.
func always(status int, header ...string) *script {
	return &script{answer: func(int, *http.Request) (*http.Response, error) { return answer(status, header...), nil }}
}

// inTurn answers with one status after the other; the last one stays.
func inTurn(statuses ...int) *script {
	return &script{answer: func(n int, _ *http.Request) (*http.Response, error) {
		return answer(statuses[min(n, len(statuses))-1]), nil
	}}
}

// answer is a job, or an error of Atlas; headers are "Name: value".
func answer(status int, header ...string) *http.Response {
	body := `{"id":"` + testJob + `"}`
	if status != http.StatusOK {
		body = `{"error":` + strconv.Itoa(status) + `,"errorCode":"CODE"}`
	}
	res := response(status, body)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		res.Header.Set(name, value)
	}
	return res
}

func limits(limit, remaining int) []string {
	return []string{fmt.Sprint("Ratelimit-Limit: ", limit), fmt.Sprint("Ratelimit-Remaining: ", remaining)}
}

// project is an id for the n-th project.
func project(n int) string { return fmt.Sprintf("%024x", n) }

// ask gets one job of a project.
func ask(ctx context.Context, c *Client, groupID string) error {
	_, err := ServerlessRestoreJobs.Get(ctx, c, groupID, testCluster, testJob)
	return err
}

func mustAsk(t *testing.T, c *Client, groupID string) {
	t.Helper()
	if err := ask(t.Context(), c, groupID); err != nil {
		t.Fatal(err)
	}
}

// wantRejected fails the test unless the budget rejects a call, and returns for how long.
func wantRejected(t *testing.T, c *Client, groupID string) time.Duration {
	t.Helper()
	e := asError(t, ask(t.Context(), c, groupID))
	if e.Kind != KindBudget || e.Status != http.StatusTooManyRequests || e.RetryAfter <= 0 {
		t.Fatalf("got %+v, not a rejection", e)
	}
	return e.RetryAfter
}

// left returns how many calls are left of the emptiest bucket, by the estimate of the client.
func left(c *Client) int {
	if b, ok := emptiest(c); ok {
		return b.Remaining
	}
	return -1
}

// emptiest is the bucket with the smallest share left, if any has less than all.
func emptiest(c *Client) (least BucketStats, ok bool) {
	for _, set := range c.Stats().Sets {
		if b := set.Emptiest; b.Remaining < b.Capacity && (!ok || compareRemaining(b, least) < 0) {
			least, ok = b, true
		}
	}
	return least, ok
}

// statsOf is the endpoint set of the jobs that ask asks for.
func statsOf(c *Client) SetStats { return c.Stats().Sets[setCloudBackups] }

// memoryLog keeps the messages that are logged.
type memoryLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *memoryLog) option() Option {
	return WithLogger(slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

func (l *memoryLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(p))
	return len(p), nil
}

// with are the lines that hold a text.
func (l *memoryLog) with(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, line := range l.lines {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

func response(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}
