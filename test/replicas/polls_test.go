package replicas

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// stream is a subscription by server-sent events.
type stream struct {
	mu     sync.Mutex
	events []string
	ended  bool
}

// subscribe subscribes to a job of the Flex cluster, until the test or the gateway ends.
func (g *gateway) subscribe(t *testing.T, id string) *stream {
	t.Helper()
	req := g.request(t, map[string]any{"query": fmt.Sprintf(
		`subscription { restoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { id state } }`, groupID, flex, id)})
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{}
	var reading sync.WaitGroup
	t.Cleanup(reading.Wait)
	reading.Go(func() {
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && data != "" {
				s.mu.Lock()
				s.events = append(s.events, data)
				s.mu.Unlock()
			}
		}
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
	})
	return s
}

// has reports whether an event has the text.
func (s *stream) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.events, func(event string) bool { return strings.Contains(event, text) })
}

// states returns the states of the job, in the order of the events.
func (s *stream) states(t *testing.T, id string) (states []string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, event := range s.events {
		var next struct {
			Data struct {
				RestoreJob struct {
					ID    string `json:"id"`
					State string `json:"state"`
				} `json:"restoreJob"`
			} `json:"data"`
			Errors []any `json:"errors"`
		}
		if err := json.Unmarshal([]byte(event), &next); err != nil || next.Data.RestoreJob.ID != id || next.Errors != nil {
			t.Errorf("an event is %s", event)
		}
		states = append(states, next.Data.RestoreJob.State)
	}
	return states
}

// pollsOf returns the calls for the list of a cluster's jobs.
func pollsOf(calls []string, cluster string) (n int) {
	for _, call := range calls {
		if strings.Contains(call, "/"+cluster+"/backup/restoreJobs?") {
			n++
		}
	}
	return n
}

func TestPolls_areThoseOfOneForAllReplicas(t *testing.T) {
	t.Parallel()
	atlases, streams := make(map[int]*atlas), make(map[*stream]string)
	for _, n := range []int{1, 3} {
		a, r := startAtlas(t, ""), startRedis(t)
		replicas := startReplicas(t, n, a, r)
		id := a.control(t, "jobs?cluster="+flex+"&takes=12s")
		for _, g := range replicas {
			s := g.subscribe(t, id)
			streams[s] = id
			waitFor(t, "it runs", func() bool { return s.has("RUNNING") })
		}
		// Not those of the start: a replica that has not read a job with download URLs polls once by itself.
		a.calls(t)
		atlases[n] = a
	}
	for s, id := range streams {
		waitFor(t, "the job succeeds", func() bool { return s.has("SUCCEEDED") })
		if got := s.states(t, id); !slices.Equal(got, []string{"RUNNING", "SUCCEEDED"}) {
			t.Errorf("a replica sends %v", got)
		}
	}
	one, three := pollsOf(atlases[1].calls(t), flex), pollsOf(atlases[3].calls(t), flex)
	t.Logf("one replica polls %d times, three %d", one, three)
	if three > one+1 {
		t.Errorf("one replica polls %d times, three %d", one, three)
	}
}

func TestPolls_goOnWhenTheirReplicaIsGone(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*gateway){
		"killed": func(g *gateway) { g.kill() },
		"stopped": func(g *gateway) {
			_ = g.cmd.Process.Signal(syscall.SIGSTOP)
		},
		"restarted": func(g *gateway) {
			_ = g.cmd.Process.Signal(syscall.SIGTERM)
			_ = g.cmd.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, r := startAtlas(t, ""), startRedis(t)
			replicas := startReplicas(t, 3, a, r)
			id := a.control(t, "jobs?cluster="+flex+"&takes=1h")
			streams := make(map[*gateway]*stream)
			for _, g := range replicas {
				streams[g] = g.subscribe(t, id)
				waitFor(t, "there is an event", func() bool { return streams[g].has("RUNNING") })
			}
			// The first one has the lease: it was the first to watch.
			leave(replicas[0])
			if name == "restarted" {
				waitFor(t, "it counts as a replica no more", func() bool {
					return replicas[1].metric(t, "replica_live_replicas") == 2
				})
			}
			other := a.control(t, "jobs?cluster="+flex+"&takes=1s")
			a.calls(t)
			waitFor(t, "another replica polls", func() bool { return pollsOf(a.calls(t), flex) > 0 })
			late := replicas[1].subscribe(t, other)
			waitFor(t, "the new job succeeds", func() bool { return late.has("SUCCEEDED") })
			if name == "stopped" {
				_ = replicas[0].cmd.Process.Signal(syscall.SIGCONT)
				waitFor(t, "it goes on", func() bool { return replicas[0].metric(t, "streams_open") == 1 })
			}
			for _, g := range replicas[1:] {
				if got := streams[g].states(t, id); !slices.Equal(got, []string{"RUNNING"}) {
					t.Errorf("a job that runs has the events %v", got)
				}
			}
		})
	}
}
