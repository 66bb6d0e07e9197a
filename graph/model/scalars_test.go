package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func TestObjectIDTakesThePatternOfTheAPIAndNothingElse(t *testing.T) {
	tests := map[string]struct {
		in   any
		want string // "" means that it is taken
	}{
		"24 digits":        {"32b6e34b3d91647abb20e7b8", ""},
		"upper case":       {"32B6e34b3d91647abb20e7b8", "character 3"},
		"too short":        {"32b6e34b3d91647abb20e7b", "23 characters"},
		"too long":         {"32b6e34b3d91647abb20e7b81", "25 characters"},
		"empty":            {"", "0 characters"},
		"one":              {"3", "got 1 character"},
		"24 others":        {strings.Repeat("é", 24), "character 1 "},
		"23 others":        {strings.Repeat("é", 23), "23 characters"},
		"not hexadecimal":  {"32b6e34b3d91647abb20e7bg", "character 24"},
		"a line break":     {"32b6e34b3d91647abb20e7b\n", "character 24"},
		"another segment":  {"../../../../../../../../", "character 1"},
		"a number":         {json.Number("42"), "a number"},
		"an integer":       {int64(42), "a number"},
		"a boolean":        {true, "a boolean"},
		"null":             {nil, "null"},
		"a list":           {[]any{"x"}, "a list"},
		"an object":        {map[string]any{}, "an object"},
		"digits of a sort": {strings.Repeat("٣", 12), "12 characters"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var id ObjectID
			checkInput(t, id.UnmarshalGQL(tt.in), tt.want)
			if tt.want == "" && string(id) != tt.in {
				t.Errorf("it became %q", id)
			}
		})
	}
}

func TestClusterNameTakesThePatternOfTheAPIAndNothingElse(t *testing.T) {
	tests := map[string]struct {
		in   any
		want string
	}{
		"letters":          {"orders", ""},
		"a digit first":    {"1-Orders", ""},
		"one letter":       {"a", ""},
		"64 characters":    {strings.Repeat("a", 64), ""},
		"65 characters":    {strings.Repeat("a", 65), "65 characters"},
		"empty":            {"", "0 characters"},
		"a hyphen first":   {"-orders", "character 1"},
		"an underscore":    {"or_ders", "character 3"},
		"a slash":          {"a/../b", "character 2"},
		"a space":          {"a b", "character 2"},
		"percent encoding": {"a%2Fb", "character 2"},
		"a letter outside": {"ördërs", "character 1"},
		"a number":         {float64(1), "a number"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var n ClusterName
			checkInput(t, n.UnmarshalGQL(tt.in), tt.want)
			if tt.want == "" && string(n) != tt.in {
				t.Errorf("it became %q", n)
			}
		})
	}
}

func TestDateTimeIsRFC3339(t *testing.T) {
	tests := map[string]struct{ in, out string }{
		"UTC":                      {"2025-05-04T09:42:00Z", "2025-05-04T09:42:00Z"},
		"a fraction":               {"2025-05-04T09:42:00.123456789Z", "2025-05-04T09:42:00.123456789Z"},
		"another offset":           {"2025-05-04T11:42:00+02:00", "2025-05-04T09:42:00Z"},
		"no offset":                {"2025-05-04T09:42:00", ""},
		"a date":                   {"2025-05-04", ""},
		"words":                    {"yesterday", ""},
		"small letters":            {"2025-05-04t09:42:00z", "2025-05-04T09:42:00Z"},
		"a small t and an offset":  {"2025-05-04t09:42:00-00:30", "2025-05-04T10:12:00Z"},
		"the largest offset":       {"2025-05-04T09:42:00+23:59", "2025-05-03T09:43:00Z"},
		"an unknown offset":        {"2025-05-04T09:42:00-00:00", "2025-05-04T09:42:00Z"},
		"an hour of one digit":     {"2025-05-04T9:42:00Z", ""},
		"an offset of a day":       {"2025-05-04T09:42:00+24:01", ""},
		"an offset of 60 minutes":  {"2025-05-04T09:42:00+01:60", ""},
		"an offset without colon":  {"2025-05-04T09:42:00+0100", ""},
		"an offset of hours":       {"2025-05-04T09:42:00+01", ""},
		"a comma":                  {"2025-05-04T09:42:00,5Z", ""},
		"a period and no fraction": {"2025-05-04T09:42:00.Z", ""},
		"a space between":          {"2025-05-04 09:42:00Z", ""},
		"a space behind":           {"2025-05-04T09:42:00Z ", ""},
		"a line break":             {"2025-05-04T09:42:00Z\n", ""},
		"digits of another script": {"٢٠٢٥-05-04T09:42:00Z", ""},
		"a day that is none":       {"2025-02-29T09:42:00Z", ""},
		"hour 24":                  {"2025-05-04T24:00:00Z", ""},
		"many digits": {"2025-05-04T09:42:00." + strings.Repeat("9", 30) + "Z",
			"2025-05-04T09:42:00.999999999Z"},
		"a leap second":          {"1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"},
		"another with an offset": {"1990-12-31T15:59:60.5-08:00", "1991-01-01T00:00:00.5Z"},
		"a leap second at noon":  {"1990-12-31T12:00:60Z", ""},
		"one within a month":     {"1990-12-30T23:59:60Z", ""},
		"second 61":              {"1990-12-31T23:59:61Z", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var d DateTime
			err := d.UnmarshalGQL(tt.in)
			if (err == nil) != (tt.out != "") {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if d.MarshalGQL(&b); err == nil && b.String() != `"`+tt.out+`"` {
				t.Errorf("it became %s", b.String())
			}
		})
	}
	var d DateTime
	checkInput(t, d.UnmarshalGQL(7), "a number")
}

// checkInput wants no error, or an *InputError that says want.
func checkInput(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var input *InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an InputError with %q", err, want)
	}
}

var (
	objectIDPattern    = regexp.MustCompile(`\A[a-f0-9]{24}\z`)
	clusterNamePattern = regexp.MustCompile(`\A[a-zA-Z0-9][a-zA-Z0-9-]{0,63}\z`)
)

func FuzzArgumentScalars(f *testing.F) {
	for _, s := range []string{"32b6e34b3d91647abb20e7b8", "orders", "", "-", "2025-05-04T09:42:00Z", "a\x00b", "ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var id ObjectID
		if err := id.UnmarshalGQL(s); (err == nil) != objectIDPattern.MatchString(s) {
			t.Errorf("ObjectID %q: %v", s, err)
		}
		var n ClusterName
		if err := n.UnmarshalGQL(s); (err == nil) != clusterNamePattern.MatchString(s) {
			t.Errorf("ClusterName %q: %v", s, err)
		}
		var d DateTime
		if err := d.UnmarshalGQL(s); err == nil {
			var b bytes.Buffer
			d.MarshalGQL(&b)
			var text string
			if err := json.Unmarshal(b.Bytes(), &text); err != nil {
				t.Fatalf("%q became %s", s, b.String())
			}
			if again, err := time.Parse(time.RFC3339Nano, text); err != nil || !again.Equal(d.Time) {
				t.Errorf("%q became %q", s, text)
			}
		}
		var b bytes.Buffer
		ObjectID(s).MarshalGQL(&b)
		if !json.Valid(b.Bytes()) {
			t.Errorf("%q is written as %s", s, b.String())
		}
	})
}

// What is read by a key is kept, and would keep all of a large document with it.
func TestKeysHoldNothingOfTheDocumentThatTheyStandIn(t *testing.T) {
	const document = `{ cluster(groupId: "32b6e34b3d91647abb20e7b8", clusterName: "orders") { id } }`
	part := func(of string) string {
		start := strings.Index(document, of)
		return document[start : start+len(of)]
	}
	var id ObjectID
	var name ClusterName
	if err := errors.Join(id.UnmarshalGQL(part("32b6e34b3d91647abb20e7b8")), name.UnmarshalGQL(part("orders"))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{string(id), string(name)} {
		if unsafe.StringData(key) == unsafe.StringData(part(key)) {
			t.Errorf("%s is a part of the document", key)
		}
	}
}
