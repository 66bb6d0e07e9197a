package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"atlas-restore-gateway/internal/atlassim"
)

// Of the table of subscriptions.
const (
	liveViewers = 1000 // of a job, and as many of a list
	liveChanges = 4
	liveCluster = atlassim.SeedFlexClusterName
	pollSeconds = 5
)

// live prints what subscriptions cost beside a facade by Yoga that shares one poll, too: 1000 viewers of a job and 1000
// of a list, each with a connection of its own, read and check each event.
func (b *bench) live(ctx context.Context) error {
	fmt.Fprint(b.out, "| | transport | polls an interval | CPU µs/event | of Yoga's | KiB/viewer | of Yoga's |\n|---|---|---|---|---|---|---|\n")
	for _, transport := range []string{"websocket", "sse"} {
		var yoga liveResult
		for _, s := range []subject{{name: "Yoga", start: startYoga}, gatewayWith("gateway", b.gateway, "--no-atlas-budget")} {
			r, err := runLive(ctx, s, transport)
			if err != nil {
				return fmt.Errorf("%s by %s: %w", s.name, transport, err)
			}
			if s.name == "Yoga" {
				yoga = r
			}
			fmt.Fprintf(b.out, "| %s | %s | %.2f | %.1f | %.2f | %.1f | %.2f |\n", s.name, transport, r.polls,
				float64(r.cpu.Nanoseconds())/1000, float64(r.cpu)/float64(yoga.cpu), r.memory/1024, r.memory/yoga.memory)
		}
	}
	return nil
}

// startYoga starts Yoga behind a proxy that has the credential.
func startYoga(ctx context.Context, target string) (*process, error) {
	proxy, err := startRole(ctx, "proxy", target)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	server := filepath.Join(filepath.Dir(self), "../test/bench/yoga/server.js")
	p, err := start(ctx, "node", []string{server}, "NODE_ENV=production", targetVar+"="+proxy.url+
		"/api/atlas/v2/groups/"+atlassim.SeedGroupID+"/flexClusters/"+liveCluster+"/backup/restoreJobs?itemsPerPage=100")
	if err != nil {
		return nil, err
	}
	p.with = proxy
	return p, nil
}

type liveResult struct {
	cpu    time.Duration // an event
	memory float64       // bytes resident, a viewer
	polls  float64       // an interval
}

// viewers count the events that viewers have got. An event that is not what was subscribed to fails the run.
type viewers struct {
	events  atomic.Int64
	failure atomic.Value
	ended   atomic.Int64
}

func (v *viewers) fail(err error) { v.failure.CompareAndSwap(nil, err.Error()) }

// wait waits until there are n events.
func (v *viewers) wait(ctx context.Context, n int64) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for v.events.Load() < n {
		if text := v.failure.Load(); text != nil {
			return errors.New(text.(string))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d events of %d came", v.events.Load(), n)
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// got checks an event: it holds the id that it must, and no errors.
func (v *viewers) got(body []byte, id func() string) {
	var event struct {
		Data   map[string]json.RawMessage `json:"data"`
		Errors []any                      `json:"errors"`
	}
	if err := json.Unmarshal(body, &event); err != nil || len(event.Errors) > 0 ||
		!bytes.Contains(event.Data["a"], []byte(id())) {
		v.fail(fmt.Errorf("an event is %.300s", body))
	}
	v.events.Add(1)
}

// runLive opens the viewers, changes jobs and measures.
func runLive(ctx context.Context, s subject, transport string) (r liveResult, err error) {
	atlas, err := startRole(ctx, "atlas", "0")
	if err != nil {
		return r, err
	}
	defer atlas.stop()
	id, err := addLiveJob(ctx, atlas, "1h")
	if err != nil {
		return r, err
	}
	p, err := s.start(ctx, atlas.url)
	if err != nil {
		return r, err
	}
	defer p.stop()
	const fields = "{ id state finishedAt targetClusterName }"
	arguments := fmt.Sprintf("groupId: %q", atlassim.SeedGroupID)
	job := fmt.Sprintf("subscription { a: restoreJob(%s, clusterName: %q, restoreJobId: %q) %s }", arguments, liveCluster, id,
		fields)
	list := fmt.Sprintf("subscription { a: restoreJobs(%s, clusterNames: [%q], first: 20) { nodes %s } }", arguments,
		liveCluster, fields)
	ctx, cancel := context.WithCancel(ctx)
	var v viewers
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	view := viewByWebSocket
	if transport == "sse" {
		view = viewBySSE
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1, DialContext: (&net.Dialer{}).DialContext}}
	defer client.CloseIdleConnections()
	before, err := p.resident()
	if err != nil {
		return r, err
	}
	open := make(chan struct{}, 64)
	start := func(query string, id func() string) {
		wg.Go(func() {
			open <- struct{}{}
			first := sync.OnceFunc(func() { <-open })
			defer first()
			err := view(ctx, client, p.url, query, func(body []byte) { v.got(body, id); first() })
			if err != nil && ctx.Err() == nil {
				v.fail(err)
			}
			v.ended.Add(1)
		})
	}
	for range liveViewers {
		start(job, func() string { return id })
		start(list, func() string { return "" })
	}
	if err := v.wait(ctx, 2*liveViewers); err != nil {
		return r, err
	}
	after, err := p.resident()
	if err != nil {
		return r, err
	}
	used, err := p.usage()
	if err != nil {
		return r, err
	}
	if _, err := calls(ctx, atlas); err != nil {
		return r, err
	}
	began := time.Now()
	for change := range int64(liveChanges) {
		if _, err := addLiveJob(ctx, atlas, "1h"); err != nil {
			return r, err
		}
		if err := v.wait(ctx, (3+change)*liveViewers); err != nil {
			return r, err
		}
	}
	took := time.Since(began)
	polls, err := calls(ctx, atlas)
	if err != nil {
		return r, err
	}
	end, err := p.usage()
	if err != nil {
		return r, err
	}
	if n := v.ended.Load(); n > 0 {
		return r, fmt.Errorf("%d viewers have no stream any more", n)
	}
	r.cpu = (end.cpu - used.cpu) / (liveChanges * liveViewers)
	r.memory = float64(after-before) / (2 * liveViewers)
	r.polls = float64(polls) / (took.Seconds() / pollSeconds)
	return r, nil
}

func addLiveJob(ctx context.Context, atlas *process, takes string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, atlas.url+jobsPath+"?cluster="+liveCluster+"&takes="+takes,
		nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	id, err := io.ReadAll(res.Body)
	return string(id), err
}

// viewBySSE reads the events of a subscription.
func viewBySSE(ctx context.Context, client *http.Client, url, query string, got func([]byte)) error {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(make([]byte, 0, 4096), 1<<20)
	for lines.Scan() {
		if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok && len(data) > 0 {
			got(data)
		}
	}
	return lines.Err()
}

// viewByWebSocket reads the events of a subscription on a connection of its own.
func viewByWebSocket(ctx context.Context, _ *http.Client, url, query string, got func([]byte)) error {
	conn, _, err := websocket.Dial(ctx, strings.Replace(url, "http", "ws", 1), //nolint:bodyclose // there is no body
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return err
	}
	defer conn.CloseNow() //nolint:errcheck // the end
	payload, err := json.Marshal(map[string]any{"type": "subscribe", "id": "1", "payload": map[string]string{"query": query}})
	if err != nil {
		return err
	}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init"}`)); err != nil {
		return err
	}
	for {
		_, content, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		var m struct {
			Type    string          `json:"type"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(content, &m); err != nil {
			return err
		}
		switch m.Type {
		case "connection_ack":
			if err := conn.Write(ctx, websocket.MessageText, payload); err != nil {
				return err
			}
		case "next":
			got(m.Payload)
		case "ping":
			if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)); err != nil {
				return err
			}
		default:
			return fmt.Errorf("a message is %.300s", content)
		}
	}
}
