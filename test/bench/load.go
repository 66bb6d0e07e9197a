package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// result is the result of one run.
type result struct {
	rate     float64 // queries a second
	p50, p99 time.Duration
	cpu      time.Duration // a query, of the process that was asked
	peak     int64         // bytes resident of that process
	calls    float64       // of Atlas, a query
}

// run sends all queries; each client sends the next one when it has the answer.
func run(ctx context.Context, w work, p, atlas *process, request func(n int) (*http.Request, error)) (result, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: w.clients, DisableCompression: true}}
	defer client.CloseIdleConnections()
	if _, err := calls(ctx, atlas); err != nil {
		return result{}, err
	}
	before, err := p.usage()
	if err != nil {
		return result{}, err
	}
	took := make([]time.Duration, w.queries)
	var next atomic.Int64
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failure error
	began := time.Now()
	for range min(w.clients, w.queries) {
		wg.Go(func() {
			for ctx.Err() == nil {
				n := int(next.Add(1)) - 1
				if n >= w.queries {
					return
				}
				start := time.Now()
				err := ask(ctx, client, n, request, w.gone)
				took[n] = time.Since(start)
				if err != nil {
					mu.Lock()
					failure = err
					mu.Unlock()
					return
				}
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(began)
	after, err := p.usage()
	if err := errors.Join(failure, err, ctx.Err()); err != nil {
		return result{}, fmt.Errorf("%s: %w", w.name, err)
	}
	made, err := calls(ctx, atlas)
	slices.Sort(took)
	queries := float64(w.queries)
	return result{
		rate: queries / elapsed.Seconds(), p50: took[len(took)/2], p99: took[len(took)*99/100],
		cpu: time.Duration(float64(after.cpu-before.cpu) / queries), peak: after.peak, calls: float64(made) / queries,
	}, err
}

func newRequest(method, url string, body []byte) (*http.Request, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader(body)) //nolint:noctx // the sender gives it one
	if err == nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, err
}

// ask sends the n-th request, and checks that the answer has no error, or NOT_FOUND where the jobs do not exist.
func ask(ctx context.Context, client *http.Client, n int, request func(n int) (*http.Request, error), gone bool) error {
	req, err := request(n)
	if err != nil {
		return err
	}
	res, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if gone && bytes.Contains(answer, []byte("NOT_FOUND")) {
		return nil
	}
	if gone || res.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors"`)) {
		return fmt.Errorf("%d %.500s", res.StatusCode, answer)
	}
	return nil
}

// calls reads how many calls there were since it was read last.
func calls(ctx context.Context, atlas *process) (int, error) {
	text, err := get(ctx, atlas.url+callsPath)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(text))
}

func setLatency(ctx context.Context, atlas *process, d time.Duration) error {
	_, err := get(ctx, atlas.url+latencyPath+"?"+d.String())
	return err
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}
