package atlas

import (
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList_returnsCountLinksAndOrder(t *testing.T) {
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
			body: `{"links":[` + self +
				`,{"rel":"next","href":"https://a.example/?pageNum=2"}],"results":[{"id":"b"},{"id":"a"},{"id":"c"}],` +
				`"totalCount":1948}`,
			want: page{IDs: []string{"b", "a", "c"}, Total: new(int64(1948)), Links: 2, HasNext: true},
		},
		"the last of many": {
			body: `{"totalCount":4,"links":[{"rel":"previous","href":"x"},` + self + `],"results":[{"id":"d"}]}`,
			want: page{IDs: []string{"d"}, Total: new(int64(4)), Links: 2, HasNext: false},
		},
		"an empty one": {
			body: `{"links":[` + self + `],"results":[],"totalCount":0}`,
			want: page{IDs: []string{}, Total: new(int64(0)), Links: 1, HasNext: false},
		},
		"without a count": {
			body: `{"links":[],"results":[{"id":"a"}]}`, want: page{IDs: []string{"a"}, Total: nil, Links: 0, HasNext: false},
		},
		"with null for a count": {
			body: `{"links":null,"results":[{"id":"a"}],"totalCount":null}`,
			want: page{IDs: []string{"a"}, Total: nil, Links: 0, HasNext: false},
		},
		"with links of nothing": {
			body: `{"links":[{},{"rel":null},{"rel":"Next "}],"results":[{"id":"a"}]}`,
			want: page{IDs: []string{"a"}, Total: nil, Links: 3, HasNext: false},
		},
		"with members yet unknown": {
			body: `{"cursor":"x","links":[],"results":[{"id":"a","shape":{"new":1}}]}`,
			want: page{IDs: []string{"a"}, Total: nil, Links: 0, HasNext: false},
		},
	}
	for name, tt := range tests {
		for _, envelope := range []bool{false, true} {
			body := tt.body
			if envelope {
				body = `{"status":200,` + body[1:]
			}
			t.Run(name, func(t *testing.T) {
				c := newClient(t, answering(200, "application/json", body), WithEnvelope(envelope))
				p, err := FlexSnapshots.List(t.Context(), c, ListOptions{}, testGroup, testCluster)
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

func TestList_rejectsOptionsOutOfBounds(t *testing.T) {
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

func TestList_isMalformedForOtherBodies(t *testing.T) {
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

func TestList_hasTheStatusBesideTheResults(t *testing.T) {
	c := newClient(t, answering(502, "application/json", `{"status":200,"results":[],"links":[]}`), WithEnvelope(true))
	p, err := Projects.List(t.Context(), c, ListOptions{})
	if err != nil || !reflect.DeepEqual(p.Results, []Project{}) {
		t.Errorf("got %+v, %v", p, err)
	}
}

func FuzzList(f *testing.F) {
	for i, op := range operations {
		f.Add(i, false, []byte(op.body(op.example)))
		f.Add(i, true, []byte(`{"status":200,"results":[`+op.example+`,{"id":null}]}`))
	}
	f.Add(0, false, []byte(`{"results":null}`))
	f.Add(3, true, []byte(`{"status":404,"content":{"errorCode":"CLUSTER_NOT_FOUND"}}`))
	f.Add(7, false, []byte(` [1]`))
	var answer []byte
	transport := WithTransport(roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return response(200, string(answer)), nil
	}))
	clients := make(map[bool]*Client)
	for _, envelope := range []bool{false, true} {
		c, err := New(AccessToken{Token: "t"}, transport, WithEnvelope(envelope), WithBudget(false), WithRetries(0),
			WithBreaker(Breaker{}))
		if err != nil {
			f.Fatal(err)
		}
		clients[envelope] = c
	}
	f.Fuzz(func(t *testing.T, which int, envelope bool, body []byte) {
		op := operations[uint(which)%uint(len(operations))]
		answer = body
		value, err := op.do(t, clients[envelope])
		if err != nil {
			// Only an envelope can make another status of 200.
			if e := asError(t, err); value != nil || e.Op != op.name || e.Kind != KindMalformed && !envelope {
				t.Fatalf("%s: got %+v beside %v", op.name, value, e)
			}
			return
		}
		if value == nil {
			t.Fatalf("%s: neither a value nor an error", op.name)
		}
		for _, one := range op.results(value) {
			if one.(AnyResource).identity() == "" {
				t.Fatalf("%s: got %+v", op.name, one)
			}
		}
	})
}

func TestPage_hasNextWhenAFullOneCountsMore(t *testing.T) {
	results := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, n), ",") }
	const next = `,"links":[{"rel":"next","href":"x"}]`
	tests := map[string]struct {
		body string
		o    ListOptions
		want bool
	}{
		"full, counts more": {
			body: results(3) + `],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true,
		},
		"full, counts more in text": {
			body: results(3) + `],"totalCount":"4"`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true,
		},
		"full, counts no more": {
			body: results(3) + `],"totalCount":3`, o: ListOptions{PageNum: 1, ItemsPerPage: 3},
		},
		"full, no count": {body: results(3) + `]`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}},
		"full, no count, next": {
			body: results(3) + `]` + next, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true,
		},
		"not full, counts more": {
			body: results(2) + `],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3},
		},
		"the second, counts more": {
			body: results(3) + `],"totalCount":7`, o: ListOptions{PageNum: 2, ItemsPerPage: 3}, want: true,
		},
		"the second, counts no more": {
			body: results(3) + `],"totalCount":6`, o: ListOptions{PageNum: 2, ItemsPerPage: 3},
		},
		"full with a malformed one": {
			body: results(2) + `,null],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true,
		},
		"full by default, counts more":     {body: results(100) + `],"totalCount":101`, want: true},
		"not full by default, counts more": {body: results(99) + `],"totalCount":101`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := FlexRestoreJobs.List(t.Context(), newClient(t, answering(200, "application/json", `{"results":[`+tt.body+`}`)), tt.o, testGroup, testCluster)
			if err != nil {
				t.Fatal(err)
			}
			if p.HasNext() != tt.want {
				t.Errorf("another page: %v", p.HasNext())
			}
		})
	}
}
