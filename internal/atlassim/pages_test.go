package atlassim_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

type link struct{ Href, Rel string }

type list struct {
	Links      []link
	Results    []struct{ ID string }
	TotalCount *int
}

func (l list) rel(rel string) string {
	for _, k := range l.Links {
		if k.Rel == rel {
			return k.Href
		}
	}
	return ""
}

func (a *atlas) list(target string) list {
	a.t.Helper()
	w := a.get(target)
	wantStatus(a.t, w, http.StatusOK)
	return decode[list](a.t, w)
}

// pathOf turns a link into the target of a request, and checks that it leads back here.
func pathOf(t *testing.T, href string) string {
	t.Helper()
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "http" || u.Host != "atlas.test" {
		t.Fatalf("link %q does not name the request's own host", href)
	}
	return u.RequestURI()
}

func TestPages_haveEveryJobOnceNewestFirst(t *testing.T) {
	a := newAtlas(t)
	var ids []string
	pages, total := 0, 0
	for target := jobs + "?itemsPerPage=250"; target != ""; pages++ {
		l := a.list(target)
		total = *l.TotalCount
		for _, r := range l.Results {
			ids = append(ids, r.ID)
		}
		if (l.rel("previous") != "") != (pages > 0) {
			t.Errorf("page %d: previous %q", pages+1, l.rel("previous"))
		}
		next := l.rel("next")
		if target = ""; next != "" {
			target = pathOf(t, next)
		}
	}
	if len(ids) != total || total < 600 || pages != 3 {
		t.Errorf("%d jobs on %d pages, total %d", len(ids), pages, total)
	}
	if !slices.IsSortedFunc(ids, func(x, y string) int { return -compare(x, y) }) {
		t.Error("the jobs are not ordered from the newest to the oldest")
	}
	if n := len(slices.Compact(slices.Sorted(slices.Values(ids)))); n != total {
		t.Errorf("%d different jobs of %d", n, total)
	}
}

func compare(x, y string) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

func TestPages_haveTheSelfLinkOfAtlas(t *testing.T) {
	a := newAtlas(t)
	want := "http://atlas.test" + jobs + "?includeCount=true&pageNum=1&itemsPerPage=100"
	if got := a.list(jobs).rel("self"); got != want {
		t.Errorf("self %q, want %q", got, want)
	}
	want = "http://atlas.test" + jobs + "?includeCount=false&pageNum=2&itemsPerPage=7&pretty=true&envelope=true"
	if got := a.list(jobs + "?itemsPerPage=7&pageNum=2&pretty=true&envelope=true&includeCount=false").rel("self"); got != want {
		t.Errorf("self %q, want %q", got, want)
	}
}

func TestPages_haveSizesAndCounts(t *testing.T) {
	a := newAtlas(t)
	total := *a.list(jobs).TotalCount
	for query, want := range map[string]int{
		"":                                     100,
		"?itemsPerPage=1":                      1,
		"?itemsPerPage=500":                    500,
		"?itemsPerPage=500&pageNum=2":          total - 500,
		"?itemsPerPage=500&pageNum=3":          0,
		"?itemsPerPage=500&pageNum=2147483647": 0,
	} {
		l := a.list(jobs + query)
		if len(l.Results) != want || *l.TotalCount != total {
			t.Errorf("%q: %d results, want %d; total %d", query, len(l.Results), want, *l.TotalCount)
		}
	}
	if l := a.list(jobs + "?includeCount=false"); l.TotalCount != nil {
		t.Errorf("totalCount %d, though it was not wanted", *l.TotalCount)
	}
}

func TestPages_haveLinksToTheirItems(t *testing.T) {
	a := newAtlas(t)
	for _, target := range []string{apiRoot + "/groups", groups + atlassim.SeedGroupID + "/serverless", snaps, jobs} {
		w := a.get(target + "?itemsPerPage=3")
		wantStatus(t, w, http.StatusOK)
		for _, item := range decode[struct{ Results []struct{ Links []link } }](t, w).Results {
			for _, k := range item.Links {
				if k.Rel == "self" {
					wantStatus(t, a.get(pathOf(t, k.Href)), http.StatusOK)
				}
			}
		}
	}
}

func TestSnapshots_areListedNewestFirst(t *testing.T) {
	l := newAtlas(t).list(snaps + "?itemsPerPage=500")
	if len(l.Results) < 300 || !slices.IsSortedFunc(l.Results, func(x, y struct{ ID string }) int {
		return -compare(x.ID, y.ID)
	}) {
		t.Errorf("%d snapshots, or not in order", len(l.Results))
	}
}

func TestRateLimit_ofBackupsIsPerProject(t *testing.T) {
	a := newAtlas(t, atlassim.WithRateLimit(3, 2), atlassim.WithTokenLifetime(2*time.Hour))
	other := groups + atlassim.SeedSecondGroupID + "/serverless/" + atlassim.SeedSecondClusterName + "/backup/restoreJobs"
	for left := 2; left >= 0; left-- {
		w := a.get(jobs + "?itemsPerPage=1")
		wantStatus(t, w, http.StatusOK)
		if w.Header().Get("RateLimit-Limit") != "3" || w.Header().Get("RateLimit-Remaining") != strconv.Itoa(left) {
			t.Errorf("limit %q, remaining %q, want %d", w.Header().Get("RateLimit-Limit"), w.Header().Get("RateLimit-Remaining"),
				left)
		}
	}
	a.clock.advance(15 * time.Second)
	w := a.get(jobs)
	wantError(t, w, http.StatusTooManyRequests, "RATE_LIMITED_TOKEN_BUCKET")
	if w.Header().Get("Retry-After") != "45" || w.Header().Get("RateLimit-Remaining") != "0" {
		t.Errorf("Retry-After %q, remaining %q", w.Header().Get("Retry-After"), w.Header().Get("RateLimit-Remaining"))
	}
	parameters := decode[struct{ Parameters []any }](t, w).Parameters
	if !slices.Equal(parameters, []any{jobs[1:], 45.0, 3.0, 2.0, 60.0}) {
		t.Errorf("parameters %v", parameters)
	}
	wantStatus(t, a.get(other), http.StatusOK)  // another project
	wantStatus(t, a.get(orders), http.StatusOK) // another set of endpoints

	a.clock.advance(45 * time.Second)
	wantStatus(t, a.get(jobs), http.StatusOK)
	wantStatus(t, a.get(snaps), http.StatusOK)
	wantStatus(t, a.get(jobs), http.StatusTooManyRequests)

	a.clock.advance(time.Hour)
	if got := a.get(jobs).Header().Get("RateLimit-Remaining"); got != "2" {
		t.Errorf("remaining %q after an hour, but a bucket holds no more than its capacity", got)
	}
}

func TestRateLimit_countsChallenges(t *testing.T) {
	a := newAtlas(t, atlassim.WithRateLimit(2, 0))
	w := a.send(http.MethodGet, jobs)
	wantStatus(t, w, http.StatusUnauthorized)
	if w.Header().Get("RateLimit-Remaining") != "" {
		t.Error("a 401 does not tell what is left")
	}
	if got := a.get(jobs).Header().Get("RateLimit-Remaining"); got != "0" {
		t.Errorf("remaining %q, want 0", got)
	}
	wantStatus(t, a.send(http.MethodGet, jobs), http.StatusTooManyRequests)
}

func TestRateLimit_ofTheListOfProjectsIsPerCredential(t *testing.T) {
	a := newAtlas(t)
	a.get(apiRoot + "/groups")
	if got := a.get(apiRoot + "/groups").Header().Get("RateLimit-Remaining"); got != "1198" {
		t.Errorf("remaining %q, want 1198", got)
	}
	if got := a.send(http.MethodGet, apiRoot+"/groups", a.as(readerID)).Header().Get("RateLimit-Remaining"); got != "1199" {
		t.Errorf("remaining %q for another credential, want 1199", got)
	}
}
