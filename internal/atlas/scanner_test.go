package atlas

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/test/recordings"
)

// scannedSorts are the sorts of answers that are scanned, each one resource and a list.
var scannedSorts = []struct {
	name      string // in recordedResources; empty where Atlas was never recorded
	example   string
	one, list func() scanned
}{
	{
		"", exampleServerlessRestoreJob,
		func() scanned { return new(ServerlessRestoreJob) }, func() scanned { return new(pageAnswer[ServerlessRestoreJob]) },
	},
	{
		"Dedicated restore jobs", exampleDedicatedRestoreJob,
		func() scanned { return new(DedicatedRestoreJob) }, func() scanned { return new(pageAnswer[DedicatedRestoreJob]) },
	},
	{
		"Flex restore jobs", exampleFlexRestoreJob,
		func() scanned { return new(FlexRestoreJob) }, func() scanned { return new(pageAnswer[FlexRestoreJob]) },
	},
}

func aList(results string) string {
	return `{"links":[{"href":"https://a.example/2","rel":"next"}],"results":[` + results + `],"totalCount":2}`
}

var testScanners scanners

// checkScanned scans a body, and holds what comes of it to what the library makes of it. It
// reports whether the body was plain.
func checkScanned(t *testing.T, body []byte, fresh func() scanned) bool {
	t.Helper()
	body = bytes.TrimSpace(bytes.Clone(body))
	got, want := fresh(), fresh()
	err := json.Unmarshal(body, want, lenient)
	if !testScanners.scan(body, got) {
		if !reflect.DeepEqual(got, fresh()) {
			t.Errorf("something is left of what is not plain: %+v\n%s", got, body)
		}
		return false
	}
	if err != nil {
		t.Errorf("a %T was scanned that the library refuses: %v\n%s", got, err, body)
		return true
	}
	// The memory of a body is used again.
	sent := string(body)
	clear(body)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("a %T differs from what the library makes of it (-library +scanner):\n%s\n%s", got, cmp.Diff(want, got, cmp.AllowUnexported(results[ServerlessRestoreJob]{}, results[DedicatedRestoreJob]{}, results[FlexRestoreJob]{})), sent)
	}
	return true
}

func TestWhatAtlasSendsIsPlain(t *testing.T) {
	for _, of := range scannedSorts {
		for name, fresh := range map[string]func() scanned{of.example: of.one, aList(of.example + ", " + of.example): of.list} {
			if !checkScanned(t, []byte(name), fresh) {
				t.Errorf("an example is not plain: %s", name)
			}
		}
	}
}

func TestRecordedJobsArePlain(t *testing.T) {
	for _, x := range recordings.Exchanges(t) {
		for _, of := range scannedSorts {
			recording, ok := recordedResources[of.name]
			if !ok || !recording.path.MatchString(x.Path) || !isResource(x) {
				continue
			}
			fresh := of.one
			if bytes.Contains([]byte(x.Body), []byte(`"results"`)) {
				fresh = of.list
			}
			for form, body := range map[string]string{"as recorded": x.Body, "pretty": indented(t, x.Body)} {
				if !checkScanned(t, []byte(body), fresh) {
					t.Errorf("%s %s (%s) is not plain: %s", x.Method, x.Path, form, x.Body)
				}
			}
		}
	}
}

func TestJobsOfTheSimulatorArePlain(t *testing.T) {
	sim := simulator(t, atlassim.WithRecentJobs())
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	var sent []byte
	c, err := New(testKey, WithBaseURL(server.URL), WithTransport(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		res, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			defer res.Body.Close()
			sent, err = io.ReadAll(res.Body)
			res.Body = io.NopCloser(bytes.NewReader(sent))
		}
		return res, err
	})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for _, e := range sim.Examples() {
		var of func() scanned
		switch e.Tier {
		case atlassim.TierServerless:
			of = scannedSorts[0].list
			_, _, err = c.ListServerlessRestoreJobs(t.Context(), e.GroupID, e.ClusterName, ListOptions{})
		case atlassim.TierDedicated:
			of = scannedSorts[1].list
			_, _, err = c.ListDedicatedRestoreJobs(t.Context(), e.GroupID, e.ClusterName, ListOptions{})
		case atlassim.TierFlex:
			of = scannedSorts[2].list
			_, _, err = c.ListFlexRestoreJobs(t.Context(), e.GroupID, e.ClusterName, ListOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		if !checkScanned(t, sent, of) {
			t.Errorf("%s of %s is not plain: %s", e.Label, e.ClusterName, sent)
		}
	}
}

// oddValues are values that are wrong, or right in a way in which Atlas does not write
// them.
var oddValues = []string{
	`null`, `true`, `nul`, `truer`, `7`, `-0`, `007`, `1.5`, `1e3`, `-`, `9223372036854775807`, `9223372036854775808`,
	`""`, `"\u0061"`, `"a\"b"`, "\"\x1f\"", "\"\n\"", "\"\x7f\"", `"ä"`, "\"\x80\"", "\"\xff\"", `"a`,
	`[]`, `[`, `[1,]`, `["a",null]`, `[{"href":1}]`, `[null]`, `[{}]`, `{}`, `{`, `{"a":1,}`, `{"a"}`, `{,}`, `{"date":null,"increment":1.0}`,
	`"2025-05-04T09:42:00Z"`, `"2025-05-04T9:42:00Z"`, `"2025-05-04T9:42:00.5Z"`, `"2025-05-04T09:42:00,5Z"`, `"2025-05-04T09:42:00.5Z"`, `"2025-05-04T09:42:00+01:00"`,
	`"2025-05-04T09:42:00+24:00"`, `"2025-05-04t09:42:00z"`, `"2025-02-30T09:42:00Z"`, `"2025-05-04T09:42Z"`,
	`{"date":"2025-05-04T09:42:00Z"}`, `{"increment":7}`,
	`[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]`,
}

func TestWhatIsOddIsReadAsTheLibraryReadsIt(t *testing.T) {
	for _, of := range scannedSorts {
		fields := []string{"other", "results", "totalCount"}
		for field := range reflect.TypeOf(of.one()).Elem().Fields() {
			fields = append(fields, field.Tag.Get("json"))
		}
		for field := range reflect.TypeFor[ServerlessRestoreJob]().Fields() {
			fields = append(fields, field.Tag.Get("json"))
		}
		for _, field := range fields {
			for _, value := range oddValues {
				for _, second := range []string{"", `null`, `[]`, `"a"`, `{"increment":7}`} {
					body := `{"` + field + `":` + value + `}`
					if second != "" {
						body = body[:len(body)-1] + `,"` + field + `" : ` + second + `}`
					}
					checkScanned(t, []byte(body), of.one)
					checkScanned(t, []byte(body), of.list)
					checkScanned(t, []byte(aList(body)), of.list)
					checkScanned(t, []byte(body+"}"), of.one)
				}
			}
		}
		if !checkScanned(t, []byte(of.example), of.one) {
			t.Error("behind what was odd nothing is plain")
		}
	}
}

func TestJobsHaveOneTextForWhatTheyHaveInCommon(t *testing.T) {
	long := strings.Repeat("u", maxSharedText+1)
	job := `{"id":"650000000000000000000001","snapshotId":"650000000000000000000002","status":"` + long + `"}`
	var list pageAnswer[FlexRestoreJob]
	if !testScanners.scan([]byte(aList(job+","+job)), &list) {
		t.Fatal("the list is not plain")
	}
	a, b := list.Results.items[0], list.Results.items[1]
	if a.SnapshotID != b.SnapshotID || *a.SnapshotID != "650000000000000000000002" {
		t.Errorf("the snapshots are %q and %q at %p and %p", *a.SnapshotID, *b.SnapshotID, a.SnapshotID, b.SnapshotID)
	}
	if a.Status == b.Status || *a.Status != long || *b.Status != long {
		t.Errorf("the long texts are %q and %q at %p and %p", *a.Status, *b.Status, a.Status, b.Status)
	}
}

func FuzzAPlainBody(f *testing.F) {
	for i, of := range scannedSorts {
		f.Add(i, false, []byte(of.example))
		f.Add(i, true, []byte(aList(of.example)))
		for _, value := range oddValues {
			f.Add(i, false, []byte(`{"id":`+value+`,"desiredTimestamp":`+value+`,"snapshotId":`+value+`}`))
			f.Add(i, true, []byte(aList(value)))
		}
	}
	f.Fuzz(func(t *testing.T, sort int, list bool, body []byte) {
		of := scannedSorts[uint(sort)%uint(len(scannedSorts))]
		fresh := of.one
		if list {
			fresh = of.list
		}
		checkScanned(t, body, fresh)
	})
}
