package atlas

import (
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPageKeepsItsCountItsLinksAndItsOrder(t *testing.T) {
	type page struct {
		IDs     []string
		Total   *int64
		Links   int
		HasNext bool
	}
	const self = `{"rel":"self","href":"https://a.example/self"}`
	tests := map[string]struct {
		body string
		want page
	}{
		"the first of many": {
			`{"links":[` + self + `,{"rel":"next","href":"https://a.example/?pageNum=2"}],"results":[{"id":"b"},{"id":"a"},{"id":"c"}],"totalCount":1948}`,
			page{[]string{"b", "a", "c"}, new(int64(1948)), 2, true},
		},
		"the last of many": {
			`{"totalCount":4,"links":[{"rel":"previous","href":"x"},` + self + `],"results":[{"id":"d"}]}`,
			page{[]string{"d"}, new(int64(4)), 2, false},
		},
		"an empty one":             {`{"links":[` + self + `],"results":[],"totalCount":0}`, page{[]string{}, new(int64(0)), 1, false}},
		"without a count":          {`{"links":[],"results":[{"id":"a"}]}`, page{[]string{"a"}, nil, 0, false}},
		"with null for a count":    {`{"links":null,"results":[{"id":"a"}],"totalCount":null}`, page{[]string{"a"}, nil, 0, false}},
		"with links of nothing":    {`{"links":[{},{"rel":null},{"rel":"Next "}],"results":[{"id":"a"}]}`, page{[]string{"a"}, nil, 3, false}},
		"with members yet unknown": {`{"cursor":"x","links":[],"results":[{"id":"a","shape":{"new":1}}]}`, page{[]string{"a"}, nil, 0, false}},
	}
	for name, tt := range tests {
		for _, envelope := range []bool{false, true} {
			body := tt.body
			if envelope {
				body = `{"status":200,` + body[1:]
			}
			t.Run(name, func(t *testing.T) {
				c := newClient(t, answering(200, "application/json", body), WithEnvelope(envelope))
				p, err := c.ListFlexSnapshots(t.Context(), testGroup, testCluster, ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				got := page{IDs: []string{}, Total: p.TotalCount, Links: len(p.Links), HasNext: p.HasNext()}
				for _, s := range p.Results {
					got.IDs = append(got.IDs, s.ID)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Error(diff)
				}
				if p.Results == nil {
					t.Error("the results are nil")
				}
			})
		}
	}
}

func TestAPageOutOfBoundsIsRefusedBeforeAnyCall(t *testing.T) {
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }))
	for _, op := range operations {
		if !op.list || op.noPages {
			continue
		}
		for _, o := range []ListOptions{
			{PageNum: -1},
			{PageNum: math.MinInt},
			{ItemsPerPage: -1},
			{ItemsPerPage: MaxItemsPerPage + 1},
			{PageNum: 1, ItemsPerPage: math.MaxInt},
			{PageNum: -1, ItemsPerPage: 1},
		} {
			value, err := op.call(t.Context(), c, testGroup, testCluster, testJob, o)
			if e := asError(t, err); value != nil || e.Op != op.name || e.Status != 0 || e.Kind != KindMalformed {
				t.Errorf("%s of %+v: %v, %v", op.name, o, value, e)
			}
		}
	}
}

func TestAListThatIsNoneIsMalformed(t *testing.T) {
	const good = `{"id":"` + testJob + `"}`
	tests := map[string]string{
		"no results":               `{"links":[],"totalCount":0}`,
		"null for results":         `{"results":null}`,
		"one resource":             good,
		"an object for results":    `{"results":` + good + `}`,
		"a bare array":             `[` + good + `]`,
		"a count that is text":     `{"results":[` + good + `],"totalCount":"many"}`,
		"a count that is no whole": `{"results":[` + good + `],"totalCount":1.5}`,
		"links that are text":      `{"results":[` + good + `],"links":"next"}`,
		"two lists":                `{"results":[]}{"results":[]}`,
		"cut off":                  `{"results":[` + good,
		"too large":                `{"results":[` + strings.Repeat(good+",", 100) + good + `]}`,
		"HTML":                     `<html></html>`,
		"nothing":                  ``,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, answering(200, "application/json", body), WithMaxBodyBytes(MinMaxBodyBytes))
			for _, op := range operations {
				if !op.list {
					continue
				}
				value, err := op.do(t, c)
				e := asError(t, err)
				if e.Kind != KindMalformed || e.Status != 200 || value != nil {
					t.Errorf("%s: %v, %v", op.name, value, e)
				}
				if strings.Contains(e.Error(), "secret.example") {
					t.Errorf("the error repeats the body: %v", e)
				}
			}
		})
	}
}

func TestTheStatusBesideTheResultsCounts(t *testing.T) {
	c := newClient(t, answering(502, "application/json", `{"status":200,"results":[],"links":[]}`), WithEnvelope(true))
	p, err := c.ListProjects(t.Context(), ListOptions{})
	if err != nil || !reflect.DeepEqual(p.Results, []Project{}) {
		t.Errorf("got %+v, %v", p, err)
	}
}
