package loader

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"atlas-restore-gateway/internal/restore"
)

func TestWhoFetchesTheOnlyJobAndLeavesFailsNoOther(t *testing.T) {
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
			t.Errorf("who left got %v", err)
		}
		if err := <-stayed; err != nil {
			t.Errorf("who stayed got %v", err)
		}
	})
}

func TestAnotherJobThanTheOnlyPlannedOneIsFetchedToo(t *testing.T) {
	l := New(t.Context(), jobs(found), 1, Plan{Jobs: JobCounts{restore.Serverless: 1}})
	defer l.Close()
	for i := range 3 {
		if job, err := l.Job(t.Context(), restore.Serverless, key(i)); err != nil || job.Key != key(i) {
			t.Errorf("got %v, %v", job, err)
		}
	}
}

func TestAPanicOfTheOnlyJobIsAnErrorForAllWhoWait(t *testing.T) {
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
			if err := <-errs; !errors.As(err, new(*restore.PanicError)) {
				t.Errorf("got %v", err)
			}
		}
	})
}
