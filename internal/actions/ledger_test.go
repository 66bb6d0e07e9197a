package actions

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// failingLedger fails from its nth use on.

type failingLedger struct {
	Ledger
	uses, failFrom int
}

var errLedger = errors.New("the ledger is away")

func (l *failingLedger) fails() bool {
	l.uses++
	return l.uses >= l.failFrom
}

func (l *failingLedger) Add(
	ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string,
) (bool, error) {
	if l.fails() {
		return false, errLedger
	}
	return l.Ledger.Add(ctx, value, ttl, kind, key...)
}

func (l *failingLedger) Get(ctx context.Context, kind string, key ...string) ([]byte, bool, error) {
	if l.fails() {
		return nil, false, errLedger
	}
	return l.Ledger.Get(ctx, kind, key...)
}

func (l *failingLedger) Take(ctx context.Context, kind string, key ...string) ([]byte, bool, error) {
	if l.fails() {
		return nil, false, errLedger
	}
	return l.Ledger.Take(ctx, kind, key...)
}

func (l *failingLedger) Set(ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string) error {
	if l.fails() {
		return errLedger
	}
	return l.Ledger.Set(ctx, value, ttl, kind, key...)
}

// Wherever the ledger fails, nothing is sent, or one job is started and its answer is true.

func TestStartRestore_isSafeWhereverTheLedgerFails(t *testing.T) {
	started := 0
	for failFrom := 1; failFrom < 20; failFrom++ {
		synctest.Test(t, func(t *testing.T) {
			e := newEnv(t)
			ctx := as(t.Context(), "ann")
			in := e.confirmed(ctx, e.service(), e.restoreOf(shipping, shipping))
			whole := e.ledger
			e.ledger = &failingLedger{Ledger: whole, failFrom: failFrom}
			e.stop.Ledger = e.ledger
			job, err := e.service().StartRestore(ctx, in)
			jobs := e.jobsInto(shipping, shipping)
			switch {
			case err == nil && len(jobs) == 1 && jobs[0] == job.JobID:
				started++
			case err == nil, e.attempts() != 0, refusalOf(err) != Unrecorded && refusalOf(err) != Stopped:
				t.Errorf("from use %d on: jobs %q, error %v", failFrom, jobs, err)
			}
			// When the ledger is back the same start makes no second one.
			e.ledger, e.stop.Ledger = whole, whole
			pass(2 * sendTimeout)
			_, _ = e.service().StartRestore(ctx, in)
			if n := len(e.jobsInto(shipping, shipping)); n > 1 {
				t.Errorf("from use %d on: %d jobs", failFrom, n)
			}
		})
	}
	if started == 0 {
		t.Error("no start was reached")
	}
}

func TestMemoryLedger_isBoundedAndForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, ctx := &MemoryLedger{}, t.Context()
		for i := range maxLedgerEntries {
			if added, err := l.Add(ctx, nil, time.Minute, "kind", strconv.Itoa(i)); !added || err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Add(ctx, nil, time.Minute, "kind", "more"); err == nil {
			t.Error("it has no bound")
		}
		if added, err := l.Add(ctx, nil, time.Minute, "kind", "1"); added || err != nil {
			t.Errorf("an entry was evicted: %v", err)
		}
		pass(time.Minute)
		if added, err := l.Add(ctx, nil, time.Minute, "kind", "1"); !added || err != nil || len(l.entries) > maxLedgerEntries {
			t.Errorf("%d entries, error %v", len(l.entries), err)
		}
		if _, ok, _ := l.Get(ctx, "kind", "2"); ok {
			t.Error("an entry outlived its time")
		}
	})
}

// Whatever happens to requests and answers, and however many callers start at once: each plan starts one job at most,

// into the cluster that it named.
