package atlas

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// malformedOf are the malformed results of a page of any type.
func malformedOf(page any) []MalformedResult {
	return reflect.ValueOf(page).Elem().FieldByName("Malformed").Interface().([]MalformedResult)
}

func TestList_servesTheResultsBesideOneThatIsMalformed(t *testing.T) {
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
					m := malformed[0]
					if m.Index != index || m.ID != tt.wantID || m.Err.Op != op.name || m.Err.Kind != KindMalformed || m.Err.Status != 200 {
						t.Errorf("got %+v with %+v", m, m.Err)
					}
					if text := m.Err.Error(); strings.Contains(text, "secret.example") || !strings.Contains(text, fmt.Sprint("result ", index)) {
						t.Errorf("the error is %q", text)
					}
				}
			})
		}
	}
}

func TestList_keepsThePlaceOfEachMalformedResult(t *testing.T) {
	body := `{"results":[null,{"id":"a"},{"id":""},7,{"id":"b"},{"id":"650000000000000000000009","failed":"x"},{"id":"c"},{}]}`
	p, err := newClient(t, answering(200, "application/json", body)).
		ListServerlessRestoreJobs(t.Context(), testGroup, testCluster, ListOptions{})
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
		p, err := newClient(t, answering(200, "application/json", `{"results":[`+body+`]}`)).
			ListClusters(t.Context(), testGroup, ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Malformed) != 1 || p.Malformed[0].Name != want {
			t.Errorf("%s: got %+v", body, p.Malformed)
		}
	}
}

func TestWholeNumbers_areUnderstoodHoweverTheyAreWritten(t *testing.T) {
	tests := map[string]int64{
		`7`: 7, `1.0`: 1, `1e3`: 1000, `1E3`: 1000, `1.5e1`: 15, `150e-1`: 15, `-2.0`: -2, `-0`: 0, `0.0`: 0, `0e99999999999`: 0,
		`"5"`: 5, `"-5"`: -5, `"1.0"`: 1, `"1e3"`: 1000, `"\u0035"`: 5, `0.5e1`: 5, `0.05e2`: 5,
		`9223372036854775807.0`: 9223372036854775807, `"9007199254740993"`: 9007199254740993, `-9.223372036854775808e18`: -9223372036854775808,
	}
	for text, want := range tests {
		body := `{"id":"` + testJob + `","oplogTs":` + text + `,"oplogInc":` + text + `,"desiredTimestamp":{"increment":` + text + `}}`
		c := newClient(t, answering(200, "application/json", body))
		one, err := c.GetServerlessRestoreJob(t.Context(), testGroup, testCluster, testJob)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		list := `{"results":[` + body + `],"totalCount":` + text + `}`
		p, err := newClient(t, answering(200, "application/json", list)).
			ListDedicatedRestoreJobs(t.Context(), testGroup, testCluster, ListOptions{})
		if err != nil || len(p.Malformed) > 0 {
			t.Errorf("%s: %v, %v", text, err, p)
			continue
		}
		listed := p.Results[0].ServerlessRestoreJob
		for name, got := range map[string]*int64{
			"oplogTs": one.OplogTs, "oplogInc": one.OplogInc, "increment": one.DesiredTimestamp.Increment,
			"listed oplogTs": listed.OplogTs, "listed increment": listed.DesiredTimestamp.Increment, "totalCount": p.TotalCount,
		} {
			if got == nil || *got != want {
				t.Errorf("%s of %s is %v, want %d", name, text, got, want)
			}
		}
	}
}

func TestWholeNumbers_areRefusedWhereTheyAreNone(t *testing.T) {
	for _, text := range []string{
		`1.5`, `1e-1`, `9223372036854775808`, `1e19`, `1e999999999`, `1e99999999999`, `-1e999999999`, `"1e999999999"`, `""`, `" 5"`, `"5 "`,
		`"+5"`, `"0x5"`, `"5."`, `".5"`, `"1_000"`, `"many"`, `"1e"`, `true`, `[]`, `{}`,
	} {
		_, err := newClient(t, answering(200, "application/json", `{"id":"`+testJob+`","oplogTs":`+text+`}`)).
			GetServerlessRestoreJob(t.Context(), testGroup, testCluster, testJob)
		if e := asError(t, err); e.Kind != KindMalformed {
			t.Errorf("%s: %v", text, e)
		}
	}
}

func TestPage_hasANextOneWhereAFullOneCountsMore(t *testing.T) {
	results := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, n), ",") }
	const next = `,"links":[{"rel":"next","href":"x"}]`
	tests := map[string]struct {
		body string
		o    ListOptions
		want bool
	}{
		"full, counts more":                {body: results(3) + `],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true},
		"full, counts more in text":        {body: results(3) + `],"totalCount":"4"`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true},
		"full, counts no more":             {body: results(3) + `],"totalCount":3`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}},
		"full, no count":                   {body: results(3) + `]`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}},
		"full, no count, next":             {body: results(3) + `]` + next, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true},
		"not full, counts more":            {body: results(2) + `],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}},
		"the second, counts more":          {body: results(3) + `],"totalCount":7`, o: ListOptions{PageNum: 2, ItemsPerPage: 3}, want: true},
		"the second, counts no more":       {body: results(3) + `],"totalCount":6`, o: ListOptions{PageNum: 2, ItemsPerPage: 3}},
		"full with a malformed one":        {body: results(2) + `,null],"totalCount":4`, o: ListOptions{PageNum: 1, ItemsPerPage: 3}, want: true},
		"full by default, counts more":     {body: results(100) + `],"totalCount":101`, want: true},
		"not full by default, counts more": {body: results(99) + `],"totalCount":101`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := newClient(t, answering(200, "application/json", `{"results":[`+tt.body+`}`)).
				ListFlexRestoreJobs(t.Context(), testGroup, testCluster, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			if p.HasNext() != tt.want {
				t.Errorf("another page: %v", p.HasNext())
			}
		})
	}
}
