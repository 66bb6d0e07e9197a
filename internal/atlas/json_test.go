package atlas

import (
	"testing"
)

func TestInteger_isReadInEveryNotation(t *testing.T) {
	tests := map[string]int64{
		`7`: 7, `1.0`: 1, `1e3`: 1000, `1E3`: 1000, `1.5e1`: 15, `150e-1`: 15, `-2.0`: -2, `-0`: 0, `0.0`: 0,
		`0e99999999999`: 0,
		`"5"`:           5, `"-5"`: -5, `"1.0"`: 1, `"1e3"`: 1000, `"\u0035"`: 5, `0.5e1`: 5, `0.05e2`: 5,
		`9223372036854775807.0`: 9223372036854775807, `"9007199254740993"`: 9007199254740993,
		`-9.223372036854775808e18`: -9223372036854775808,
	}
	for text, want := range tests {
		body := `{"id":"` + testJob + `","oplogTs":` + text + `,"oplogInc":` + text + `,"desiredTimestamp":{"increment":` +
			text + `}}`
		c := newClient(t, answering(200, "application/json", body))
		one, err := ServerlessRestoreJobs.Get(t.Context(), c, testGroup, testCluster, testJob)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		list := `{"results":[` + body + `],"totalCount":` + text + `}`
		p, err := DedicatedRestoreJobs.List(t.Context(), newClient(t, answering(200, "application/json", list)), ListOptions{}, testGroup, testCluster)
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

func TestInteger_rejectsOtherValues(t *testing.T) {
	for _, text := range []string{
		`1.5`, `1e-1`, `9223372036854775808`, `1e19`, `1e999999999`, `1e99999999999`, `-1e999999999`, `"1e999999999"`, `""`,
		`" 5"`, `"5 "`,
		`"+5"`, `"0x5"`, `"5."`, `".5"`, `"1_000"`, `"many"`, `"1e"`, `true`, `[]`, `{}`,
	} {
		_, err := ServerlessRestoreJobs.Get(t.Context(), newClient(t, answering(200, "application/json", `{"id":"`+testJob+`","oplogTs":`+text+`}`)), testGroup, testCluster, testJob)
		if e := asError(t, err); e.Kind != KindMalformed {
			t.Errorf("%s: %v", text, e)
		}
	}
}
