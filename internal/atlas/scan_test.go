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

	"atlas-restore-gateway/internal/atlas/jsonscan"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/test/recordings"
)

// scannedResources are the resources that are scanned, alone and in a list.
var scannedResources = []struct {
	recordings string // the key in recordedResources; empty where there are none
	example    string
	one, list  func() jsonscan.Value
}{
	{
		recordings: "", example: exampleServerlessRestoreJob,
		one:  func() jsonscan.Value { return new(ServerlessRestoreJob) },
		list: func() jsonscan.Value { return new(pageAnswer[ServerlessRestoreJob]) },
	},
	{
		recordings: "Dedicated restore jobs", example: exampleDedicatedRestoreJob,
		one:  func() jsonscan.Value { return new(DedicatedRestoreJob) },
		list: func() jsonscan.Value { return new(pageAnswer[DedicatedRestoreJob]) },
	},
	{
		recordings: "Flex restore jobs", example: exampleFlexRestoreJob,
		one:  func() jsonscan.Value { return new(FlexRestoreJob) },
		list: func() jsonscan.Value { return new(pageAnswer[FlexRestoreJob]) },
	},
}

func aList(results string) string {
	return `{"links":[{"href":"https://a.example/2","rel":"next"}],"results":[` + results + `],"totalCount":2}`
}

var testScanners jsonscan.Pool

// checkScanned scans a body and compares the value with the one of the library. It reports
// whether the scanner supports the body.
func checkScanned(t *testing.T, body []byte, newValue func() jsonscan.Value) bool {
	t.Helper()
	body = bytes.TrimSpace(bytes.Clone(body))
	got, want := newValue(), newValue()
	err := json.Unmarshal(body, want, jsonOptions)
	if !testScanners.Scan(body, got) {
		if !reflect.DeepEqual(got, newValue()) {
			t.Errorf("the value of an unsupported body is not empty: %+v\n%s", got, body)
		}
		return false
	}
	if err != nil {
		t.Errorf("a %T was scanned that the library rejects: %v\n%s", got, err, body)
		return true
	}
	// A value must hold no part of its body, whose memory is used again.
	sent := string(body)
	clear(body)
	if !reflect.DeepEqual(got, want) {
		unexported := cmp.AllowUnexported(results[ServerlessRestoreJob]{}, results[DedicatedRestoreJob]{},
			results[FlexRestoreJob]{})
		t.Errorf("a %T differs from that of the library (-library +scanner):\n%s\n%s", got, cmp.Diff(want, got, unexported),
			sent)
	}
	return true
}

func TestScan_supportsEveryExample(t *testing.T) {
	for _, of := range scannedResources {
		for body, newValue := range map[string]func() jsonscan.Value{
			of.example: of.one, aList(of.example + ", " + of.example): of.list,
		} {
			if !checkScanned(t, []byte(body), newValue) {
				t.Errorf("an example is unsupported: %s", body)
			}
		}
	}
}

func TestScan_supportsRecordedJobs(t *testing.T) {
	for _, x := range recordings.Exchanges(t) {
		for _, of := range scannedResources {
			recording, ok := recordedResources[of.recordings]
			if !ok || !recording.path.MatchString(x.Path) || !isResource(x) {
				continue
			}
			newValue := of.one
			if bytes.Contains([]byte(x.Body), []byte(`"results"`)) {
				newValue = of.list
			}
			for form, body := range map[string]string{"as recorded": x.Body, "pretty": indented(t, x.Body)} {
				if !checkScanned(t, []byte(body), newValue) {
					t.Errorf("%s %s (%s) is unsupported: %s", x.Method, x.Path, form, x.Body)
				}
			}
		}
	}
}

func TestScan_supportsJobsOfTheSimulator(t *testing.T) {
	sim := simulator(t, atlassim.WithRecentJobs())
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	var sent []byte
	c, err := New(testKey, WithBaseURL(server.URL),
		WithTransport(roundTripperFunc(func(r *http.Request) (*http.Response, error) {
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
		var of func() jsonscan.Value
		switch e.Tier {
		case atlassim.TierServerless:
			of = scannedResources[0].list
			_, err = ServerlessRestoreJobs.List(t.Context(), c, ListOptions{}, e.GroupID, e.ClusterName)
		case atlassim.TierDedicated:
			of = scannedResources[1].list
			_, err = DedicatedRestoreJobs.List(t.Context(), c, ListOptions{}, e.GroupID, e.ClusterName)
		case atlassim.TierFlex:
			of = scannedResources[2].list
			_, err = FlexRestoreJobs.List(t.Context(), c, ListOptions{}, e.GroupID, e.ClusterName)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !checkScanned(t, sent, of) {
			t.Errorf("%s of %s is unsupported: %s", e.Label, e.ClusterName, sent)
		}
	}
}

// unusualValues are values that are malformed, or that Atlas would write in another way.
var unusualValues = []string{
	`null`, `true`, `nul`, `truer`, `7`, `-0`, `007`, `1.5`, `1e3`, `-`, `9223372036854775807`, `9223372036854775808`,
	`""`, `"\u0061"`, `"a\"b"`, "\"\x1f\"", "\"\n\"", "\"\x7f\"", `"ä"`, "\"\x80\"", "\"\xff\"", `"a`,
	`[]`, `[`, `[1,]`, `["a",null]`, `[{"href":1}]`, `[null]`, `[{}]`, `{}`, `{`, `{"a":1,}`, `{"a"}`, `{,}`,
	`{"date":null,"increment":1.0}`,
	`"2025-05-04T09:42:00Z"`, `"2025-05-04T9:42:00Z"`, `"2025-05-04T9:42:00.5Z"`, `"2025-05-04T09:42:00,5Z"`,
	`"2025-05-04T09:42:00.5Z"`, `"2025-05-04T09:42:00+01:00"`,
	`"2025-05-04T09:42:00+24:00"`, `"2025-05-04t09:42:00z"`, `"2025-02-30T09:42:00Z"`, `"2025-05-04T09:42Z"`,
	`{"date":"2025-05-04T09:42:00Z"}`, `{"increment":7}`,
	`[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]`,
}

func TestScan_readsUnusualValuesAsTheLibraryDoes(t *testing.T) {
	for _, of := range scannedResources {
		fields := []string{"other", "results", "totalCount"}
		for field := range reflect.TypeOf(of.one()).Elem().Fields() {
			fields = append(fields, field.Tag.Get("json"))
		}
		for field := range reflect.TypeFor[ServerlessRestoreJob]().Fields() {
			fields = append(fields, field.Tag.Get("json"))
		}
		for _, field := range fields {
			for _, value := range unusualValues {
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
			t.Error("an example is unsupported after an unusual value")
		}
	}
}

func FuzzJobBody(f *testing.F) {
	for i, of := range scannedResources {
		f.Add(i, false, []byte(of.example))
		f.Add(i, true, []byte(aList(of.example)))
		for _, value := range unusualValues {
			f.Add(i, false, []byte(`{"id":`+value+`,"desiredTimestamp":`+value+`,"snapshotId":`+value+`}`))
			f.Add(i, true, []byte(aList(value)))
		}
	}
	f.Fuzz(func(t *testing.T, sort int, list bool, body []byte) {
		of := scannedResources[uint(sort)%uint(len(scannedResources))]
		newValue := of.one
		if list {
			newValue = of.list
		}
		checkScanned(t, body, newValue)
	})
}

func BenchmarkJobList(b *testing.B) {
	const jobs = 100
	body := []byte(aList(strings.TrimSuffix(strings.Repeat(exampleServerlessRestoreJob+",", jobs), ",")))
	b.Run("jsonscan", func(b *testing.B) {
		b.ReportAllocs()
		var pool jsonscan.Pool
		for b.Loop() {
			if !pool.Scan(body, new(pageAnswer[ServerlessRestoreJob])) {
				b.Fatal("the list is unsupported")
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(body, new(pageAnswer[ServerlessRestoreJob]), jsonOptions); err != nil {
				b.Fatal(err)
			}
		}
	})
}
