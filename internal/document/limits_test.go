package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestLimits_areInclusive(t *testing.T) {
	doubling := func(levels int) string {
		var b strings.Builder
		b.WriteString("{ ...F0 }")
		for i := range levels {
			fmt.Fprintf(&b, " fragment F%d on Query { ...F%d ...F%d }", i, i+1, i+1)
		}
		fmt.Fprintf(&b, " fragment F%d on Query { __typename }", levels)
		return b.String()
	}
	wide := DefaultLimits
	wide.Depth, wide.RootFields, wide.Tokens = 1000, 10_000, 4096
	tests := map[string]struct {
		limits          Limits
		limit           Limit
		inside, outside string
	}{
		"tokens": {
			limits: small, limit: Tokens, inside: "{jobs{id}}", outside: "{jobs{" + strings.Repeat("id ", 60) + "}}",
		},
		"tokens of a comment": {
			limits: small, limit: Tokens, inside: "#a\n#b\n{jobs{id}}", outside: strings.Repeat("#\n", 60) + "{jobs{id}}",
		},
		"fields that fragments double":         {limits: wide, limit: Tokens, inside: doubling(12), outside: doubling(13)},
		"fields that fragments double forever": {limits: wide, limit: Tokens, inside: doubling(3), outside: doubling(300)},
		"depth": {
			limits: small, limit: Depth, inside: "{job(id:1){job{job{id}}}}", outside: "{job(id:1){job{job{job{id}}}}}",
		},
		"depth by inline fragments": {
			limits: small, limit: Depth, inside: "{...{...{__typename}}}", outside: "{...{...{...{...{__typename}}}}}",
		},
		"depth by fragments": {
			limits: small, limit: Depth, inside: "{job(id:1){...A}} fragment A on Job{job{id}}",
			outside: "{job(id:1){...A}} fragment A on Job{job{...B}} fragment B on Job{id}",
		},
		"aliases": {
			limits: small, limit: Aliases, inside: "{a:jobs{b:id c:id}}", outside: "{a:jobs{b:id c:id d:id}}",
		},
		"aliases that are none": {
			limits: small, limit: Aliases, inside: "{jobs:jobs{id:id a:id b:id c:id}}",
			outside: "{jobs:jobs{id:id a:id b:id c:id d:id}}",
		},
		"aliases by fragments": {
			limits: small, limit: Aliases, inside: "{jobs{...A} a:jobs{...A}} fragment A on Job{b:id}",
			outside: "{jobs{...A job{...A}} a:jobs{...A}} fragment A on Job{b:id}",
		},
		"root fields": {
			limits: small, limit: RootFields, inside: "{jobs{id} __typename jobs{id} __typename}",
			outside: "{jobs{id} __typename jobs{id} __typename jobs{id}}",
		},
		"root fields by fragments": {
			limits: small, limit: RootFields, inside: "{...A ...A} fragment A on Query{__typename ...{jobs{id}}}",
			outside: "{...A ...A __typename} fragment A on Query{__typename ...{jobs{id}}}",
		},
		"root fields by introspection": {
			limits: small, limit: RootFields, inside: "{__schema{description} __typename}",
			outside: `{__schema{description} __typename __typename __typename __type(name:"a"){name}}`,
		},
		"directives": {
			limits: small, limit: Directives, inside: "{jobs @skip(if:true) @include(if:true){id}}",
			outside: "{jobs @skip(if:true) @include(if:true){id @skip(if:true)}}",
		},
		"directives on variables and fragments": {
			limits: small, limit: Directives,
			inside:  "{...A @skip(if:true) jobs{id}} fragment A on Query{__typename @skip(if:true)}",
			outside: "{...A @skip(if:true) ...A jobs{id}} fragment A on Query{__typename @skip(if:true)}",
		},
		"list items": {
			limits: small, limit: ListItems, inside: `{job(id:1,names:["a","b","c"]){id}}`,
			outside: `{job(id:1,names:["a","b","c","d"]){id}}`,
		},
		"list items within lists": {
			limits: small, limit: ListItems, inside: `{job(id:1,nested:[[1,2,3],[]]){id}}`,
			outside: `{job(id:1,nested:[[],[1,2,3,4]]){id}}`,
		},
		"list items within objects": {
			limits: small, limit: ListItems, inside: `{job(id:1,filter:{words:["a"]}){id}}`,
			outside: `{job(id:1,filter:{words:["a","b","c","d"]}){id}}`,
		},
		"list items by default": {
			limits: small, limit: ListItems, inside: `query($n:[String!]=["a"]){job(id:1,names:$n){id}}`,
			outside: `query($n:[String!]=["a","b","c","d"]){job(id:1,names:$n){id}}`,
		},
		"repetitions": {
			limits: small, limit: Repetitions, inside: "{jobs{id id id id id}}", outside: "{jobs{id id id id id id}}",
		},
		"repetitions in two places": {
			limits: small, limit: Repetitions, inside: "{jobs{id id id} jobs{id id}}",
			outside: "{jobs{id id id} jobs{id id id}}",
		},
		"repetitions by inline fragments": {
			limits: small, limit: Repetitions, inside: "{jobs{...{id id} id}}", outside: "{jobs{...{id ...{id}} id}}",
		},
		"repetitions by fragments": {
			limits: small, limit: Repetitions, inside: "{jobs{...A ...A id id}} fragment A on Job{id id id}",
			outside: "{jobs{...A id id id}} fragment A on Job{id id id}",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, withLimits(tt.limits))
			if _, err := s.Find(t.Context(), Ref{Text: tt.inside}); err != nil {
				t.Errorf("inside: %v", err)
			}
			_, err := s.Find(t.Context(), Ref{Text: tt.outside})
			var limit *LimitError
			if !errors.As(err, &limit) || limit.Limit != tt.limit || limit.Got != 0 && limit.Got <= limit.Max {
				t.Errorf("outside: %v", err)
			}
			// Where nothing is enforced it is served, and noted.
			lax := newStore(t, func(c *Config) { c.Limits, c.Warn = tt.limits, true })
			found, err := lax.Find(t.Context(), Ref{Text: tt.outside})
			switch {
			case errors.As(err, &limit) && limit.Limit == Tokens && strings.Contains(name, "forever"):
				// What cannot be counted cannot be executed either.
			case err != nil:
				t.Errorf("with warnings alone: %v", err)
			case len(found.Beyond) == 0 || found.Beyond[0].Limit != tt.limit:
				t.Errorf("it was served without a note: %v", found.Beyond)
			}
		})
	}
}

func TestLimits_fragmentCycleIsRejected(t *testing.T) {
	s := newStore(t, nil)
	for _, text := range []string{
		"{...A} fragment A on Query{...A}",
		"{...A} fragment A on Query{jobs{job{...B}}} fragment B on Job{job{...C}} fragment C on Job{...B}",
		"{__typename} fragment A on Job{job{...A job{...A}}}",
	} {
		_, err := s.Find(t.Context(), Ref{Text: text})
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestLongestList_looksIntoNestedValues(t *testing.T) {
	three := []any{1, 2, 3}
	for want, variables := range map[int]map[string]any{
		0: {"a": 1, "b": nil, "c": map[string]any{"d": "e"}},
		3: {"a": []any{}, "b": map[string]any{"c": []any{map[string]any{"d": three}}}},
		4: {"a": []any{1, three, 3, 4}},
	} {
		if got := LongestList(variables); got != want {
			t.Errorf("%v: got %d", variables, got)
		}
	}
}

// TestLimits_rejectDocumentsThatAreSlowToValidate has documents of some kilobytes that each
// would take seconds to validate, because fields of one name are compared with each other.
func TestLimits_rejectDocumentsThatAreSlowToValidate(t *testing.T) {
	const n = 1600
	var conflicting strings.Builder
	for i := range n {
		fmt.Fprintf(&conflicting, "a:f%d ", i)
	}
	inlined := strings.Repeat("...{__typename ", 900) + strings.Repeat("}", 900)
	for name, text := range map[string]string{
		"one field very often":        "{jobs{" + strings.Repeat("id ", n) + "}}",
		"one field with other fields": "{" + strings.Repeat("jobs{id}", n) + "}",
		"many fields by one alias":    "{jobs{" + conflicting.String() + "}}",
		"fragments within fragments":  "{" + inlined + "}",
		"fields in fragments in a fragment": "{jobs{" + strings.Repeat("...{", 15) + strings.Repeat("id ", 90) +
			strings.Repeat("}", 15) + "}}",
		"a fragment used very often": "{" + strings.Repeat("...A ", n) + "} fragment A on Query{__typename}",
	} {
		_, err := newStore(t, nil).Find(t.Context(), Ref{Text: text})
		var limit *LimitError
		if !errors.As(err, &limit) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
