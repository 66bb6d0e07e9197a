package atlas

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// countTimesOut is an Atlas that cannot count: it says so after a while, and answers a list
// that it need not count with the status then.
func countTimesOut(after time.Duration, then int) *script {
	return &script{answer: func(_ int, r *http.Request) (*http.Response, error) {
		if strings.Contains(r.URL.RawQuery, "includeCount=true") {
			select {
			case <-time.After(after):
				return response(500, `{"error":500,"errorCode":"TIMEOUT_WHILE_PAGING"}`), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}
		if then != http.StatusOK {
			return answer(then), nil
		}
		return response(200, `{"results":[{"id":"`+testJob+`"}]}`), nil
	}}
}

func TestList_isRequestedAgainWithoutACountThatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := countTimesOut(time.Second, http.StatusOK)
		c := s.client(t)
		for range 2 * DefaultBreaker().Requests {
			p, err := DedicatedRestoreJobs.List(t.Context(), c, ListOptions{Count: true}, testGroup, testCluster)
			if err != nil || len(p.Results) != 1 || p.TotalCount != nil || p.CountErr == nil ||
				p.CountErr.ErrorCode != codeCountTimeout {
				t.Fatalf("got %+v, %v", p, err)
			}
		}
		// That Atlas cannot count is no reason to leave it alone.
		if want := int(4 * DefaultBreaker().Requests); s.count() != want || statsOf(c).Breaker != "closed" {
			t.Errorf("%d requests, want %d; the breaker is %s", s.count(), want, statsOf(c).Breaker)
		}
		p, err := DedicatedRestoreJobs.List(t.Context(), c, ListOptions{}, testGroup, testCluster)
		if err != nil || p.CountErr != nil {
			t.Errorf("without a count: %+v, %v", p, err)
		}
	})
}

func TestList_isRequestedTwiceWithinOneTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counts := countTimesOut(7*time.Second, http.StatusOK)
		s := &script{answer: func(n int, r *http.Request) (*http.Response, error) {
			if n > 1 {
				return silent(r)
			}
			return counts.answer(n, r)
		}}
		start := time.Now()
		_, err := Projects.List(t.Context(), s.client(t, WithTimeout(10*time.Second), WithRetries(0)), ListOptions{Count: true})
		if e := asError(t, err); e.Kind != KindTimeout || time.Since(start) != 10*time.Second {
			t.Errorf("%v after %s", e, time.Since(start))
		}
	})
}

func TestList_failsWhenItAlsoFailsWithoutACount(t *testing.T) {
	for _, status := range []int{403, 404, 500} {
		synctest.Test(t, func(t *testing.T) {
			s := countTimesOut(0, status)
			_, err := Projects.List(t.Context(), s.client(t), ListOptions{Count: true})
			if e := asError(t, err); e.Status != status || e.ErrorCode != "CODE" || s.count() != 2 {
				t.Errorf("%v after %d requests", e, s.count())
			}
		})
	}
}

// No other failure is a reason to ask again.
func TestList_isRequestedOnceAfterOtherFailures(t *testing.T) {
	for body, count := range map[string]bool{
		`{"errorCode":"TIMEOUT_WHILE_PAGING"}`: false, `{"errorCode":"UNEXPECTED_ERROR"}`: true,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answer: func(int, *http.Request) (*http.Response, error) { return response(500, body), nil }}
			_, err := Projects.List(context.Background(), s.client(t), ListOptions{Count: count})
			if e := asError(t, err); e.Status != 500 || s.count() != 1 {
				t.Errorf("%v after %d requests", e, s.count())
			}
		})
	}
}

func TestPage_mayHaveNextWhenItIsFullAndNotCounted(t *testing.T) {
	results := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"id":"x"},`, n), ",") }
	tests := map[string]struct {
		size int
		body string
		want bool
	}{
		"a full page":            {size: 3, body: `{"results":[` + results(3) + `]}`, want: true},
		"a page of usual size":   {body: `{"results":[` + results(defaultItemsPerPage) + `]}`, want: true},
		"a page that is not":     {size: 3, body: `{"results":[` + results(2) + `]}`},
		"an empty page":          {size: 3, body: `{"results":[]}`},
		"a page that is counted": {size: 3, body: `{"results":[` + results(3) + `],"totalCount":3}`},
		"one with a next":        {size: 3, body: `{"results":[` + results(3) + `],"links":[{"rel":"next","href":"x"}]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, answering(200, "application/json", tt.body))
			p, err := Projects.List(t.Context(), c, ListOptions{ItemsPerPage: tt.size})
			if err != nil || p.MayHaveNext() != tt.want {
				t.Errorf("got %s, %v", strconv.FormatBool(p.MayHaveNext()), err)
			}
		})
	}
}
