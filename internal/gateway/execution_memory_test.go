package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

func TestExecutionMemory_delaysLargeOperationsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newExecutionMemory(newAnswerMemory(1 << 20))
		release, err := m.acquire(t.Context(), int(m.maxFields)*2, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.acquire(t.Context(), smallOperationFields, 0); err != nil {
			t.Errorf("a small operation: %v", err)
		}
		start := time.Now()
		if _, err := m.acquire(t.Context(), smallOperationFields+1, time.Second); !errors.Is(err, errNoAnswerMemory) ||
			time.Since(start) != time.Second {
			t.Errorf("a large operation: %v after %s", err, time.Since(start))
		}
		if got := m.answers.stats().Refused; got != 1 {
			t.Errorf("%d operations count as refused", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := m.acquire(ctx, smallOperationFields+1, time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a client that leaves: %v", err)
		}
		time.AfterFunc(time.Second/2, release)
		second, err := m.acquire(t.Context(), smallOperationFields+1, time.Second)
		if err != nil {
			t.Fatalf("after the first was released: %v", err)
		}
		second()
		if !m.fields.TryAcquire(m.maxFields) {
			t.Error("what was released is not free")
		}
	})
}

func TestExecutionMemory_makesALargeOperationWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEnv(t, inBubble)
		m := e.gateway.execution
		release, err := m.acquire(t.Context(), int(m.maxFields), 0)
		if err != nil {
			t.Fatal(err)
		}
		large := `{restoreJobs(groupId:"` + atlassim.SeedGroupID + `",first:500){nodes{links{href rel}}}}`
		start := time.Now()
		r := e.post(t, large, nil)
		if x := r.Errors[0].Extensions; r.Status != 503 || r.Header.Get("Retry-After") != "1" || x["code"] != "OVERLOADED" ||
			x["retryable"] != true ||
			x["requestId"] == nil || strings.Contains(r.Raw, `"data"`) || time.Since(start) != DefaultOperationTimeout/2 {
			t.Errorf("after %s %d %v %s", time.Since(start), r.Status, r.Header, r.Raw)
		}
		if r := e.post(t, "{__typename}", nil); r.Status != 200 {
			t.Errorf("a small operation: %d %s", r.Status, r.Raw)
		}
		// It is served as soon as there is memory again, and gives its own back.
		time.AfterFunc(time.Second, release)
		start = time.Now()
		if r := e.post(t, large, nil); r.Status != 200 || len(r.Errors) > 0 || time.Since(start) < time.Second {
			t.Errorf("after %s %d %.200s", time.Since(start), r.Status, r.Raw)
		}
		if !m.fields.TryAcquire(m.maxFields) {
			t.Error("the memory of the operation is not free when it was answered")
		}
	})
}
