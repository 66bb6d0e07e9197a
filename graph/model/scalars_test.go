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

func TestObjectID_acceptsThePatternOfTheAPI(t *testing.T) {
	tests := map[string]struct {
		in   any
		want string // "" means that it is accepted
	}{
		"24 digits":        {in: "32b6e34b3d91647abb20e7b8", want: ""},
		"upper case":       {in: "32B6e34b3d91647abb20e7b8", want: "character 3"},
		"too short":        {in: "32b6e34b3d91647abb20e7b", want: "23 characters"},
		"too long":         {in: "32b6e34b3d91647abb20e7b81", want: "25 characters"},
		"empty":            {in: "", want: "0 characters"},
		"one":              {in: "3", want: "got 1 character"},
		"24 others":        {in: strings.Repeat("é", 24), want: "character 1 "},
		"23 others":        {in: strings.Repeat("é", 23), want: "23 characters"},
		"not hexadecimal":  {in: "32b6e34b3d91647abb20e7bg", want: "character 24"},
		"a line break":     {in: "32b6e34b3d91647abb20e7b\n", want: "character 24"},
		"another segment":  {in: "../../../../../../../../", want: "character 1"},
		"a number":         {in: json.Number("42"), want: "a number"},
		"an integer":       {in: int64(42), want: "a number"},
		"a boolean":        {in: true, want: "a boolean"},
		"null":             {in: nil, want: "null"},
		"a list":           {in: []any{"x"}, want: "a list"},
		"an object":        {in: map[string]any{}, want: "an object"},
		"digits of a sort": {in: strings.Repeat("٣", 12), want: "12 characters"},
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

func TestClusterName_acceptsThePatternOfTheAPI(t *testing.T) {
	tests := map[string]struct {
		in   any
		want string
	}{
		"letters":          {in: "orders", want: ""},
		"a digit first":    {in: "1-Orders", want: ""},
		"one letter":       {in: "a", want: ""},
		"64 characters":    {in: strings.Repeat("a", 64), want: ""},
		"65 characters":    {in: strings.Repeat("a", 65), want: "65 characters"},
		"empty":            {in: "", want: "0 characters"},
		"a hyphen first":   {in: "-orders", want: "character 1"},
		"an underscore":    {in: "or_ders", want: "character 3"},
		"a slash":          {in: "a/../b", want: "character 2"},
		"a space":          {in: "a b", want: "character 2"},
		"percent encoding": {in: "a%2Fb", want: "character 2"},
		"a letter outside": {in: "ördërs", want: "character 1"},
		"a number":         {in: float64(1), want: "a number"},
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

// A cached value must not pin the query text.
func TestScalars_areNoPartOfTheDocument(t *testing.T) {
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
