package contract

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"
)

// list is what all of the SDK's lists have in common.
type list struct {
	Results []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"results"`
	TotalCount *int         `json:"totalCount"`
	Links      []admin.Link `json:"links"`
}

func (l list) ids() []string {
	ids := make([]string, 0, len(l.Results))
	for _, r := range l.Results {
		ids = append(ids, r.ID)
	}
	return ids
}

func (l list) link(rel string) string {
	for _, k := range l.Links {
		if k.GetRel() == rel {
			return k.GetHref()
		}
	}
	return ""
}

// page fetches a page with the SDK.
func (e *env) page(t *testing.T, c credential, op operation, p place) list {
	t.Helper()
	value, _, err := op.call(t.Context(), e.sdk(t, c), p)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var l list
	if err := json.Unmarshal(raw, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// eachList runs a test for every list of operations and every kind of credential.
func eachList(t *testing.T, test func(t *testing.T, e *env, c credential, op operation, p place)) {
	t.Helper()
	for _, c := range owners {
		for _, op := range operations {
			if !op.paged() {
				continue
			}
			t.Run(op.id+"/"+c.name, func(t *testing.T) {
				e := newEnv(t)
				test(t, e, c, op, place{groupID: seedGroupID, clusterName: op.cluster})
			})
		}
	}
}

// Pages of any size, put together, are the same list: nothing twice, nothing left out, and each with the whole count.
func TestSDK_readsTheWholeListByPages(t *testing.T) {
	eachList(t, func(t *testing.T, e *env, c credential, op operation, p place) {
		t.Helper()
		first := e.page(t, c, op, p)
		if first.TotalCount == nil {
			t.Fatal("there is no totalCount, which is asked for by default")
		}
		total := *first.TotalCount
		if want := min(total, 100); len(first.Results) != want {
			t.Errorf("a page has %d results by default, not %d", len(first.Results), want)
		}
		var all []string
		size := max(total/3, 1)
		for n := 1; (n-1)*size < total; n++ {
			p.pageNum, p.itemsPerPage = &n, &size
			page := e.page(t, c, op, p)
			if page.TotalCount == nil || *page.TotalCount != total {
				t.Errorf("page %d counts %v, not %d", n, page.TotalCount, total)
			}
			all = append(all, page.ids()...)
		}
		if len(all) != total {
			t.Errorf("there are %d results, and the count says %d", len(all), total)
		}
		if diff := cmp.Diff(first.ids(), all[:len(first.Results)]); diff != "" {
			t.Errorf("the first page is not where the list begins:\n%s", diff)
		}
		slices.Sort(all)
		if distinct := len(slices.Compact(all)); distinct != total {
			t.Errorf("of %d results %d are distinct", total, distinct)
		}
	})
}

func TestSDK_readsAPageWithoutACount(t *testing.T) {
	eachList(t, func(t *testing.T, e *env, c credential, op operation, p place) {
		t.Helper()
		p.includeCount = new(false)
		if l := e.page(t, c, op, p); l.TotalCount != nil || len(l.Results) == 0 {
			t.Errorf("%d results and the count %v", len(l.Results), l.TotalCount)
		}
	})
}

func TestSDK_readsAnEmptyPagePastTheEnd(t *testing.T) {
	eachList(t, func(t *testing.T, e *env, c credential, op operation, p place) {
		t.Helper()
		p.pageNum, p.itemsPerPage = new(1000), new(500)
		l := e.page(t, c, op, p)
		if len(l.Results) != 0 || l.TotalCount == nil || *l.TotalCount == 0 {
			t.Errorf("%d results and the count %v", len(l.Results), l.TotalCount)
		}
	})
}

// The links lead where they say: from page to page, forth and back, and to the page itself.
func TestSDK_readsLinksBetweenPages(t *testing.T) {
	eachList(t, func(t *testing.T, e *env, c credential, op operation, p place) {
		t.Helper()
		token := e.token(t, ownerAccount)
		p.itemsPerPage = new(1)
		first := e.page(t, c, op, p)
		if diff := cmp.Diff(first.ids(), e.follow(t, first.link("self"), token).ids()); diff != "" {
			t.Errorf("self leads elsewhere:\n%s", diff)
		}
		if first.link("previous") != "" {
			t.Errorf("the first page has a previous one: %s", first.link("previous"))
		}
		if *first.TotalCount < 2 {
			if first.link("next") != "" {
				t.Errorf("the only page has a next one: %s", first.link("next"))
			}
			return
		}
		second := e.follow(t, first.link("next"), token)
		p.pageNum = new(2)
		if diff := cmp.Diff(e.page(t, c, op, p).ids(), second.ids()); diff != "" {
			t.Errorf("next leads elsewhere:\n%s", diff)
		}
		if diff := cmp.Diff(first.ids(), e.follow(t, second.link("previous"), token).ids()); diff != "" {
			t.Errorf("previous leads elsewhere:\n%s", diff)
		}
	})
}

// follow gets the page behind a link.
func (e *env) follow(t *testing.T, href, token string) list {
	t.Helper()
	if _, err := url.Parse(href); err != nil || href == "" {
		t.Fatalf("no link: %q", href)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, href, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", acceptVersion(sampleDate))
	req.Header.Set("Authorization", "Bearer "+token)
	status, body := send(t, req)
	var l list
	if err := json.Unmarshal(body, &l); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s", href, status, body)
	}
	return l
}
