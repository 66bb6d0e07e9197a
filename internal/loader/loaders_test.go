package loader

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/restore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jobs is a Reader of jobs that a test scripts.
func jobs(f func(ctx context.Context, key restore.Key) (*restore.Job, error)) Reader {
	return scripted{job: f}
}

type scripted struct {
	Reader
	job func(ctx context.Context, key restore.Key) (*restore.Job, error)
}

func (s scripted) Job(ctx context.Context, _ restore.Tier, key restore.Key) (*restore.Job, error) {
	return s.job(ctx, key)
}

// key is a job; each has a cluster of its own.
func key(i int) restore.Key {
	return restore.Key{GroupID: "g", ClusterName: fmt.Sprint("c", i), JobID: fmt.Sprintf("%024x", i)}
}

func found(_ context.Context, k restore.Key) (*restore.Job, error) { return &restore.Job{Key: k}, nil }

func TestLoaders_runAtMostConcurrencyFetchesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound, n = 4, 20
		var now, most atomic.Int32
		l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
			most.Store(max(most.Load(), now.Add(1)))
			<-time.After(time.Second)
			now.Add(-1)
			return found(ctx, k)
		}), bound, Plan{Jobs: JobCounts{restore.Serverless: n}})
		defer l.Close()
		start := time.Now()
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				if job, err := l.Job(t.Context(), restore.Serverless, key(i)); err != nil || job.Key != key(i) {
					t.Errorf("got %v, %v", job, err)
				}
			})
		}
		wg.Wait()
		if most.Load() != bound || time.Since(start) != n/bound*time.Second {
			t.Errorf("at most %d at once, %s in all", most.Load(), time.Since(start))
		}
	})
}

func TestLoaders_failureIsOfItsOwnJobAndEndsWithTheOperation(t *testing.T) {
	failure := errors.New("no such job")
	var failing atomic.Bool
	failing.Store(true)
	service := jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
		if k == key(0) && failing.Load() {
			return nil, failure
		}
		return found(ctx, k)
	})
	l := New(t.Context(), service, 8, Plan{Jobs: JobCounts{restore.Serverless: 2}})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := l.Job(t.Context(), restore.Serverless, key(0)); !errors.Is(err, failure) {
			t.Errorf("got %v", err)
		}
	})
	wg.Go(func() {
		if _, err := l.Job(t.Context(), restore.Serverless, key(1)); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	l.Close()

	failing.Store(false)
	next := New(t.Context(), service, 8, Plan{Jobs: JobCounts{restore.Serverless: 1}})
	defer next.Close()
	if _, err := next.Job(t.Context(), restore.Serverless, key(0)); err != nil {
		t.Errorf("the next operation got %v", err)
	}
}

func TestLoaders_panicIsTheErrorOfItsJobAlone(t *testing.T) {
	l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
		if k == key(0) {
			panic("secret of the panic")
		}
		return found(ctx, k)
	}), 8, Plan{Jobs: JobCounts{restore.Serverless: 2}})
	defer l.Close()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := l.Job(t.Context(), restore.Serverless, key(0))
		var p *flight.PanicError
		if !errors.As(err, &p) || len(p.Stack) == 0 || err.Error() != "a call panicked" {
			t.Errorf("got %v", err)
		}
	})
	wg.Go(func() {
		if _, err := l.Job(t.Context(), restore.Serverless, key(1)); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
}

func TestLoaders_closeCancelsFetchesAndWaitsForThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		l := New(t.Context(), jobs(func(ctx context.Context, _ restore.Key) (*restore.Job, error) {
			<-ctx.Done()
			<-time.After(time.Second)
			ended.Store(true)
			return nil, ctx.Err()
		}), 1, Plan{})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 3 { // two of them wait for a slot
			wg.Go(func() { _, _ = l.Job(ctx, restore.Serverless, key(i)) })
		}
		<-time.After(time.Second)
		cancel()
		wg.Wait()
		l.Close()
		if !ended.Load() {
			t.Error("Close did not wait")
		}
	})
}
