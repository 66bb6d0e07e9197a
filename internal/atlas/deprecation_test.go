package atlas

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestParseHTTPDate_readsDatesAsAtlasWritesThem(t *testing.T) {
	tests := map[string]struct {
		value string
		want  time.Time // zero means that it is none
	}{
		"two digits":         {value: "Wed, 10 Dec 2025 00:00:00 GMT", want: time.Date(2025, 12, 10, 0, 0, 0, 0, time.UTC)},
		"one digit":          {value: "Mon, 5 Aug 2024 00:00:00 GMT", want: time.Date(2024, 8, 5, 0, 0, 0, 0, time.UTC)},
		"a padded digit":     {value: "Thu, 01 Jul 2027 00:00:00 GMT", want: time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)},
		"RFC 9745":           {value: "@1688169599", want: time.Unix(1688169599, 0).UTC()},
		"RFC 850":            {value: "Sunday, 06-Nov-94 08:49:37 GMT", want: time.Date(1994, 11, 6, 8, 49, 37, 0, time.UTC)},
		"nothing":            {value: "", want: time.Time{}},
		"true":               {value: "true", want: time.Time{}},
		"an at sign":         {value: "@", want: time.Time{}},
		"a negative moment":  {value: "@-5", want: time.Time{}},
		"an ISO date":        {value: "2025-12-10", want: time.Time{}},
		"a day that is none": {value: "Wed, 32 Dec 2025 00:00:00 GMT", want: time.Time{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := parseHTTPDate(tt.value)
			if ok == tt.want.IsZero() || ok && !got.Equal(tt.want) {
				t.Errorf("got %v, %v", got, ok)
			}
		})
	}
}

func TestReportDeprecation_logsBothDates(t *testing.T) {
	var log strings.Builder
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Deprecation", "Wed, 10 Dec 2025 00:00:00 GMT")
		w.Header().Set("Sunset", "Thu, 5 Feb 2026 00:00:00 GMT")
		_, _ = w.Write([]byte(`{"id":"` + testJob + `"}`))
	}), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if _, err := getJob(t, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "deprecation=2025-12-10T00:00:00.000Z sunset=2026-02-05T00:00:00.000Z") {
		t.Errorf("the log is %s", &log)
	}
}

func TestReportDeprecation_logsOncePerOperation(t *testing.T) {
	var log strings.Builder
	c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Sunset", "Thu, 15 Jan 2026 00:00:00 GMT")
		_, _ = w.Write([]byte(`{"id":"` + testJob + `"}`))
	}), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for range 3 {
		if _, err := getJob(t, c); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "deprecated"); n != 1 {
		t.Errorf("logged %d times: %s", n, &log)
	}
	if !strings.Contains(log.String(), "/groups/{groupId}/serverless/") || strings.Contains(log.String(), testGroup) {
		t.Errorf("the log names no path, or one with ids: %s", &log)
	}
}

func FuzzParseHTTPDate(f *testing.F) {
	for _, s := range []string{"Mon, 5 Aug 2024 00:00:00 GMT", "@1", "", "x", "Sunday, 06-Nov-94 08:49:37 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if at, ok := parseHTTPDate(value); ok == at.IsZero() && ok {
			t.Fatalf("%q is reported as a date, and its time is zero", value)
		}
	})
}
