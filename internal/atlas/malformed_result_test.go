package atlas

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestList_returnsTheResultsBesideAMalformedOne(t *testing.T) {
	const other = "650000000000000000000009"
	tests := map[string]struct {
		result string
		wantID string
	}{
		"null":                        {result: `null`},
		"text":                        {result: `"https://secret.example/backup.tgz"`},
		"a number":                    {result: `7`},
		"a list":                      {result: `[{"id":"` + other + `"}]`},
		"no id":                       {result: `{"description":"https://secret.example/backup.tgz"}`},
		"null for an id":              {result: `{"id":null}`},
		"an empty id":                 {result: `{"id":""}`},
		"a number for an id":          {result: `{"id":7}`},
		"an object for an id":         {result: `{"id":{"a":1}}`},
		"links that are text":         {result: `{"id":"` + other + `","links":"https://secret.example"}`, wantID: other},
		"links that are text, and id": {result: `{"id":"https://secret.example","links":"x"}`},
	}
	for name, tt := range tests {
		for _, op := range operations {
			if !op.list {
				continue
			}
			t.Run(name+" in "+op.name, func(t *testing.T) {
				for index, results := range [][]string{
					{tt.result, op.example, op.example}, {op.example, tt.result, op.example}, {op.example, op.example, tt.result},
				} {
					value, err := op.do(t, newClient(t, answering(200, "application/json", op.body(results...))))
					if err != nil {
						t.Fatal(err)
					}
					if n := len(op.results(value)); n != 2 {
						t.Errorf("%d results, want 2", n)
					}
					for _, one := range op.results(value) {
						if again := lost(t, []byte(op.example), one, "*"); len(again) > 0 {
							t.Errorf("a neighbour was changed: %v", again)
						}
					}
					malformed := malformedOf(value)
					if len(malformed) != 1 {
						t.Fatalf("got %+v", malformed)
					}
					m, wantID := malformed[0], tt.wantID
					if op.named == "sourceNamespace" { // no id
						wantID = ""
					}
					if m.Index != index || m.ID != wantID || m.Err.Op != op.name || m.Err.Kind != KindMalformed ||
						m.Err.Status != 200 {
						t.Errorf("got %+v with %+v", m, m.Err)
					}
					if text := m.Err.Error(); strings.Contains(text, "secret.example") ||
						!strings.Contains(text, fmt.Sprint("result ", index)) {
						t.Errorf("the error is %q", text)
					}
				}
			})
		}
	}
}

func TestList_hasTheIndexOfEachMalformedResult(t *testing.T) {
	body := `{"results":[null,{"id":"a"},{"id":""},7,{"id":"b"},{"id":"650000000000000000000009","failed":"x"},` +
		`{"id":"c"},{}]}`
	c := newClient(t, answering(200, "application/json", body))
	p, err := ServerlessRestoreJobs.List(t.Context(), c, ListOptions{}, testGroup, testCluster)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, j := range p.Results {
		ids = append(ids, j.ID)
	}
	var malformed []int
	for _, m := range p.Malformed {
		malformed = append(malformed, m.Index)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, ids) + cmp.Diff([]int{0, 2, 3, 5, 7}, malformed); diff != "" {
		t.Error(diff)
	}
}

func TestList_readsTheNameOfAMalformedCluster(t *testing.T) {
	long := strings.Repeat("x", maxNameLength+1)
	for body, want := range map[string]string{
		`{"id":"650000000000000000000009","name":"orders","createDate":7}`: "orders",
		`{"name":"orders","createDate":7}`:                                 "orders",
		`{"name":"orders"}`:                                                "orders",
		`{"name":{"a":1},"createDate":7}`:                                  "",
		`{"name":"` + long + `","createDate":7}`:                           "",
	} {
		c := newClient(t, answering(200, "application/json", `{"results":[`+body+`]}`))
		p, err := Clusters.List(t.Context(), c, ListOptions{}, testGroup)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Malformed) != 1 || p.Malformed[0].Name != want {
			t.Errorf("%s: got %+v", body, p.Malformed)
		}
	}
}

// malformedOf are the malformed results of a page of any type.
func malformedOf(page any) []MalformedResult {
	return reflect.ValueOf(page).Elem().FieldByName("Malformed").Interface().([]MalformedResult)
}
