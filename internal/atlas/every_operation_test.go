package atlas

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryOperation_requestsItsPathVersionAndPage(t *testing.T) {
	common := map[string][]Option{
		"":                          nil,
		"pretty=true":               {WithPretty(true)},
		"envelope=true":             {WithEnvelope(true)},
		"envelope=true&pretty=true": {WithEnvelope(true), WithPretty(true)},
	}
	pages := map[string]ListOptions{
		"includeCount=false":                                {},
		"includeCount=false&pageNum=7":                      {PageNum: 7},
		"includeCount=true&itemsPerPage=500":                {ItemsPerPage: MaxItemsPerPage, Count: true},
		"includeCount=false&pageNum=1048576&itemsPerPage=1": {PageNum: 1 << 20, ItemsPerPage: 1},
	}
	type seen struct {
		Method, Path, Accept string
		Query                url.Values
	}
	values := func(query string) url.Values {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, op := range operations {
		for everyQuery, opts := range common {
			t.Run(op.name+"?"+everyQuery, func(t *testing.T) {
				var got seen
				c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					got = seen{
						Method: r.Method, Path: r.URL.EscapedPath(), Accept: r.Header.Get("Accept"), Query: values(r.URL.RawQuery),
					}
					_, _ = w.Write([]byte(strings.NewReplacer(testGroup, "a/b", testCluster, "../c?", testJob, "#d e").Replace(op.body(
						op.example))))
				}), opts...)
				want := seen{
					Method: "GET", Path: "/api/atlas/v2" +
						strings.NewReplacer("{group}", "a%2Fb", "{name}", "..%2Fc%3F", "{id}", "%23d%20e").Replace(op.path),
					Accept: "application/vnd.atlas." + op.version + "+json", Query: nil,
				}
				for pageQuery, o := range pages {
					if _, err := op.call(t.Context(), c, "a/b", "../c?", "#d e", o); err != nil {
						t.Fatal(err)
					}
					want.Query = values(everyQuery)
					if op.list && !op.noPages {
						want.Query = values(everyQuery + "&" + pageQuery)
						if op.noCount {
							want.Query.Del("includeCount")
						}
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Error(diff)
					}
				}
			})
		}
	}
}

func TestEveryOperation_rejectsArgumentsOfDots(t *testing.T) {
	c := newClient(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }))
	for _, op := range operations {
		for i, placeholder := range []string{"{group}", "{name}", "{id}"} {
			if !strings.Contains(op.path, placeholder) {
				continue
			}
			for _, bad := range []string{"", ".", ".."} {
				args := []string{testGroup, testCluster, testJob}
				args[i] = bad
				value, err := op.call(t.Context(), c, args[0], args[1], args[2], ListOptions{})
				if e := asError(t, err); value != nil || e.Op != op.name {
					t.Errorf("%s of %q: %v, %v", op.name, args, value, err)
				}
			}
		}
	}
}

func TestEveryOperation_returnsErrorsWithItsName(t *testing.T) {
	const payload = `{"error":400,"errorCode":"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API","detail":"d",` +
		`"parameters":["instance-1"],"reason":"Bad Request"}`
	tests := map[string]struct {
		handler http.Handler
		opts    []Option
	}{
		"plain": {handler: answering(400, "application/json", payload), opts: nil},
		"in an envelope": {
			handler: answering(200, "application/json", `{"status":400,"content":`+payload+`}`),
			opts:    []Option{WithEnvelope(true)},
		},
		"beside an envelope's status": {
			handler: answering(200, "application/json", `{"status":400,`+payload[1:]), opts: []Option{WithEnvelope(true)},
		},
		"without the envelope asked for": {
			handler: answering(400, "application/json", payload), opts: []Option{WithEnvelope(true)},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t, tt.handler, tt.opts...)
			for _, op := range operations {
				value, err := op.do(t, c)
				e := asError(t, err)
				got := [5]any{e.Op, e.Kind, e.Status, e.ErrorCode, string(e.Parameters)}
				want := [5]any{op.name, KindAnswered, 400, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", `["instance-1"]`}
				if got != want || value != nil {
					t.Errorf("got %v beside %v", got, value)
				}
			}
		})
	}
}

func TestEveryOperation_rejectsAnotherResource(t *testing.T) {
	refused := 0
	for _, op := range operations {
		// The project of a project is its id.
		others := map[string]string{"another id": strings.Replace(op.example, op.id(), "650000000000000000000009", 1)}
		if byName := strings.HasSuffix(op.path, "{name}"); byName {
			delete(others, "another id")
		}
		anotherName := strings.Replace(op.example, `"`+testCluster+`"`, `"instance-10"`, 1)
		if anotherName != op.example && strings.Contains(op.path, "{name}") {
			others["another name"] = anotherName
		}
		if anotherProject := strings.Replace(op.example, testGroup, "5f0000000000000000000009", 1); anotherProject != op.example && strings.Contains(op.path, "{group}/") {
			others["another project"] = anotherProject
		}
		for name, other := range others {
			if other == op.example && !op.list {
				t.Errorf("%s: the example is not of what is asked for", op.name)
			}
			value, err := op.do(t, newClient(t, answering(200, "application/json", op.body(other))))
			if op.list {
				malformed := reflect.Indirect(reflect.ValueOf(value)).FieldByName("Malformed").Len()
				if want := name != "another id"; err != nil || want != (malformed == 1) {
					t.Errorf("%s with %s: %d malformed results, %v", op.name, name, malformed, err)
				}
				refused += malformed
				continue
			}
			if e := asError(t, err); e.Kind != KindMalformed || e.Status != 200 || value != nil {
				t.Errorf("%s with %s: got %v, %v", op.name, name, value, e)
			}
			refused++
		}
	}
	if refused != 9+3*2+3+6+1 {
		t.Errorf("%d answers were checked", refused)
	}
}

func TestGetCluster_acceptsANameInAnotherCaseOrNone(t *testing.T) {
	for _, body := range []string{
		`{"id":"650000000000000000000001"}`,
		`{"id":"650000000000000000000001","name":null,"groupId":null}`,
		`{"id":"650000000000000000000001","name":"Instance-1","groupId":"5F0000000000000000000001"}`,
	} {
		_, err := Clusters.Get(t.Context(), newClient(t, answering(200, "application/json", body)), testGroup, testCluster)
		if err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestEveryOperation_rejectsAResourceWithoutAnID(t *testing.T) {
	for _, op := range operations {
		if op.list {
			continue // see TestList_returnsTheResultsBesideAMalformedOne
		}
		for _, resource := range []string{`{}`, `{"id":null}`, `{"id":""}`, `{"name":"x"}`} {
			value, err := op.do(t, newClient(t, answering(200, "application/json", op.body(resource))))
			if e := asError(t, err); e.Kind != KindMalformed || e.Status != 200 || e.Op != op.name || value != nil {
				t.Errorf("%s of %s: %v, %v", op.name, resource, value, e)
			}
		}
	}
}
