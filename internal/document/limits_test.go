package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestADocumentIsTakenUpToEachLimitAndNotBeyond(t *testing.T) {
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
		"tokens":                                {small, Tokens, "{jobs{id}}", "{jobs{" + strings.Repeat("id ", 60) + "}}"},
		"tokens of a comment":                   {small, Tokens, "#a\n#b\n{jobs{id}}", strings.Repeat("#\n", 60) + "{jobs{id}}"},
		"fields that fragments double":          {wide, Tokens, doubling(12), doubling(13)},
		"fields that fragments double forever":  {wide, Tokens, doubling(3), doubling(300)},
		"depth":                                 {small, Depth, "{job(id:1){job{job{id}}}}", "{job(id:1){job{job{job{id}}}}}"},
		"depth by inline fragments":             {small, Depth, "{...{...{__typename}}}", "{...{...{...{...{__typename}}}}}"},
		"depth by fragments":                    {small, Depth, "{job(id:1){...A}} fragment A on Job{job{id}}", "{job(id:1){...A}} fragment A on Job{job{...B}} fragment B on Job{id}"},
		"aliases":                               {small, Aliases, "{a:jobs{b:id c:id}}", "{a:jobs{b:id c:id d:id}}"},
		"aliases that are none":                 {small, Aliases, "{jobs:jobs{id:id a:id b:id c:id}}", "{jobs:jobs{id:id a:id b:id c:id d:id}}"},
		"aliases by fragments":                  {small, Aliases, "{jobs{...A} a:jobs{...A}} fragment A on Job{b:id}", "{jobs{...A job{...A}} a:jobs{...A}} fragment A on Job{b:id}"},
		"root fields":                           {small, RootFields, "{jobs{id} __typename jobs{id} __typename}", "{jobs{id} __typename jobs{id} __typename jobs{id}}"},
		"root fields by fragments":              {small, RootFields, "{...A ...A} fragment A on Query{__typename ...{jobs{id}}}", "{...A ...A __typename} fragment A on Query{__typename ...{jobs{id}}}"},
		"root fields by introspection":          {small, RootFields, "{__schema{description} __typename}", `{__schema{description} __typename __typename __typename __type(name:"a"){name}}`},
		"directives":                            {small, Directives, "{jobs @skip(if:true) @include(if:true){id}}", "{jobs @skip(if:true) @include(if:true){id @skip(if:true)}}"},
		"directives on variables and fragments": {small, Directives, "{...A @skip(if:true) jobs{id}} fragment A on Query{__typename @skip(if:true)}", "{...A @skip(if:true) ...A jobs{id}} fragment A on Query{__typename @skip(if:true)}"},
		"list items":                            {small, ListItems, `{job(id:1,names:["a","b","c"]){id}}`, `{job(id:1,names:["a","b","c","d"]){id}}`},
		"list items within lists":               {small, ListItems, `{job(id:1,nested:[[1,2,3],[]]){id}}`, `{job(id:1,nested:[[],[1,2,3,4]]){id}}`},
		"list items within objects":             {small, ListItems, `{job(id:1,filter:{words:["a"]}){id}}`, `{job(id:1,filter:{words:["a","b","c","d"]}){id}}`},
		"list items by default":                 {small, ListItems, `query($n:[String!]=["a"]){job(id:1,names:$n){id}}`, `query($n:[String!]=["a","b","c","d"]){job(id:1,names:$n){id}}`},
		"repetitions":                           {small, Repetitions, "{jobs{id id id id id}}", "{jobs{id id id id id id}}"},
		"repetitions in two places":             {small, Repetitions, "{jobs{id id id} jobs{id id}}", "{jobs{id id id} jobs{id id id}}"},
		"repetitions by inline fragments":       {small, Repetitions, "{jobs{...{id id} id}}", "{jobs{...{id ...{id}} id}}"},
		"repetitions by fragments":              {small, Repetitions, "{jobs{...A ...A id id}} fragment A on Job{id id id}", "{jobs{...A id id id}} fragment A on Job{id id id}"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, withLimits(tt.limits))
			if _, err := s.Find(Ref{Text: tt.inside}); err != nil {
				t.Errorf("inside: %v", err)
			}
			_, err := s.Find(Ref{Text: tt.outside})
			var limit *LimitError
			if !errors.As(err, &limit) || limit.Limit != tt.limit || limit.Got != 0 && limit.Got <= limit.Max {
				t.Errorf("outside: %v", err)
			}
			// Where nothing is enforced it is served, and noted.
			lax := newStore(t, func(c *Config) { c.Limits, c.Warn = tt.limits, true })
			found, err := lax.Find(Ref{Text: tt.outside})
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

func TestAFragmentThatHoldsItselfIsRefusedBeforeAnythingWalksIt(t *testing.T) {
	s := newStore(t, nil)
	for _, text := range []string{
		"{...A} fragment A on Query{...A}",
		"{...A} fragment A on Query{jobs{job{...B}}} fragment B on Job{job{...C}} fragment C on Job{...B}",
		"{__typename} fragment A on Job{job{...A job{...A}}}",
	} {
		_, err := s.Find(Ref{Text: text})
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestListsInVariablesAreMeasuredThroughAndThrough(t *testing.T) {
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

// TestWhatKeepsValidationBusyIsRefusedBeforeIt has documents of some kilobytes that each
// would take seconds to validate, because fields of one name are compared with each other.
func TestWhatKeepsValidationBusyIsRefusedBeforeIt(t *testing.T) {
	const n = 1600
	var conflicting strings.Builder
	for i := range n {
		fmt.Fprintf(&conflicting, "a:f%d ", i)
	}
	inlined := strings.Repeat("...{__typename ", 900) + strings.Repeat("}", 900)
	for name, text := range map[string]string{
		"one field very often":              "{jobs{" + strings.Repeat("id ", n) + "}}",
		"one field with other fields":       "{" + strings.Repeat("jobs{id}", n) + "}",
		"many fields by one alias":          "{jobs{" + conflicting.String() + "}}",
		"fragments within fragments":        "{" + inlined + "}",
		"fields in fragments in a fragment": "{jobs{" + strings.Repeat("...{", 15) + strings.Repeat("id ", 90) + strings.Repeat("}", 15) + "}}",
		"a fragment used very often":        "{" + strings.Repeat("...A ", n) + "} fragment A on Query{__typename}",
	} {
		_, err := newStore(t, nil).Find(Ref{Text: text})
		var limit *LimitError
		if !errors.As(err, &limit) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
