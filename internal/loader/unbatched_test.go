package loader

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/flight"
	"atlas-restore-gateway/internal/restore"
)

func TestUnbatched_fetchesAKeyOnceHoweverOftenItIsLoaded(t *testing.T) {
	var fetches atomic.Int32
	l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
		fetches.Add(1)
		return found(ctx, k)
	}), 4, Plan{Jobs: JobCounts{restore.Serverless: 1}})
	defer l.Close()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if job, err := l.Job(t.Context(), restore.Serverless, key(1)); err != nil || job.Key != key(1) {
				t.Errorf("got %v, %v", job, err)
			}
		})
	}
	wg.Wait()
	if n := fetches.Load(); n != 1 {
		t.Errorf("%d fetches", n)
	}
}

func TestUnbatched_firstCallerThatLeavesFailsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int32
		l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
			if fetches.Add(1) == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return found(ctx, k)
		}), 1, Plan{Jobs: JobCounts{restore.Serverless: 1}})
		defer l.Close()
		ctx, leave := context.WithCancel(t.Context())
		left, stayed := make(chan error), make(chan error)
		go func() { _, err := l.Job(ctx, restore.Serverless, key(1)); left <- err }()
		synctest.Wait()
		go func() { _, err := l.Job(t.Context(), restore.Serverless, key(1)); stayed <- err }()
		synctest.Wait()
		leave()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that left got %v", err)
		}
		if err := <-stayed; err != nil {
			t.Errorf("the caller that stayed got %v", err)
		}
	})
}

func TestUnbatched_fetchesUnplannedKeys(t *testing.T) {
	l := New(t.Context(), jobs(found), 1, Plan{Jobs: JobCounts{restore.Serverless: 1}})
	defer l.Close()
	for i := range 3 {
		if job, err := l.Job(t.Context(), restore.Serverless, key(i)); err != nil || job.Key != key(i) {
			t.Errorf("got %v, %v", job, err)
		}
	}
}

func TestUnbatched_panicIsTheErrorOfEachCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		l := New(t.Context(), jobs(func(context.Context, restore.Key) (*restore.Job, error) {
			<-release
			panic("oops")
		}), 1, Plan{Jobs: JobCounts{restore.Serverless: 1}})
		defer l.Close()
		errs := make(chan error)
		for range 2 {
			go func() { _, err := l.Job(t.Context(), restore.Serverless, key(1)); errs <- err }()
		}
		synctest.Wait()
		close(release)
		for range 2 {
			if err := <-errs; !errors.As(err, new(*flight.PanicError)) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestUnbatched_loadAllFetchesKeysAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(t.Context(), jobs(func(ctx context.Context, k restore.Key) (*restore.Job, error) {
			<-time.After(time.Second)
			return found(ctx, k)
		}), 3, Plan{Jobs: JobCounts{restore.Serverless: 1}})
		defer l.Close()
		start := time.Now()
		keys := []restore.Key{key(0), key(1), key(0), key(2)}
		jobs, errs := l.JobsByKey(t.Context(), restore.Serverless, keys)
		for i, key := range keys {
			if errs[i] != nil || jobs[i].Key != key {
				t.Errorf("%v: got %+v, %v", key, jobs[i], errs[i])
			}
		}
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("waited %s", waited)
		}
	})
}
