package document

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

// argumentsOf are the arguments of the first field of a selection, as gqlgen reads them.
func argumentsOf(set ast.SelectionSet) map[string]any {
	field, _ := set[0].(*ast.Field)
	return field.ArgumentMap(nil)
}

func TestClampNumber_isTheNearestFloat(t *testing.T) {
	s := newStore(t, nil)
	tests := map[string]struct {
		literal string
		want    any
	}{
		"the largest int64":        {literal: "9223372036854775807", want: int64(math.MaxInt64)},
		"one more":                 {literal: "9223372036854775808", want: 9223372036854775808.0},
		"the smallest int64":       {literal: "-9223372036854775808", want: int64(math.MinInt64)},
		"one less":                 {literal: "-9223372036854775809", want: -9223372036854775808.0},
		"digits beyond all floats": {literal: strings.Repeat("9", 400), want: math.MaxFloat64},
		"an exponent beyond all":   {literal: "1e999", want: math.MaxFloat64},
		"a negative one":           {literal: "-1.5e999", want: -math.MaxFloat64},
		"an exponent below all":    {literal: "1e-999", want: 0.0},
		"within an object": {
			literal: "{a: [1, {b: 1e999}]}",
			want:    map[string]any{"a": []any{int64(1), map[string]any{"b": math.MaxFloat64}}},
		},
		"no number": {literal: `"1e999"`, want: "1e999"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, query := range []string{
				`{job(id:"1",mine:[` + tt.literal + `]){id}}`,
				`query($m:[Mine]=[` + tt.literal + `]){job(id:"1",mine:$m){id}}`,
				`{...F} fragment F on Query{job(id:"1",mine:[` + tt.literal + `]){id}}`,
			} {
				d, err := s.Find(t.Context(), Ref{Text: query})
				if err != nil {
					t.Fatal(err)
				}
				var got any
				switch op := d.AST.Operations[0]; {
				case len(op.VariableDefinitions) > 0:
					got, err = op.VariableDefinitions[0].DefaultValue.Value(nil)
				case len(d.AST.Fragments) > 0:
					got = argumentsOf(d.AST.Fragments[0].SelectionSet)["mine"]
				default:
					got = argumentsOf(op.SelectionSet)["mine"]
				}
				if diff := cmp.Diff([]any{tt.want}, got); err != nil || diff != "" {
					t.Errorf("%s: %v, -want +got:\n%s", query, err, diff)
				}
			}
		})
	}
}

func TestLiterals_thatDoNotFitABuiltInScalarAreErrors(t *testing.T) {
	quiet, open := newStore(t, nil), newStore(t, func(c *Config) { c.Reveal = true })
	for text, want := range map[string]string{
		`{job(id:"1",nested:[[2147483648]]){id}}`:             `Expected a value of type "Int".`,
		`{job(id:"1",nested:[[-2147483649]]){id}}`:            `Expected a value of type "Int".`,
		`{job(id:"1",nested:[[9223372036854775808]]){id}}`:    `Expected a value of type "Int".`,
		`{job(id:"1",nested:[[1.0]]){id}}`:                    `Expected a value of type "Int".`,
		`{job(id:"1",nested:[[{}]]){id}}`:                     `Expected a value of type "Int".`,
		`{job(id:{}){id}}`:                                    `Expected a value of type "ID!".`,
		`{job(id:"1",names:[{}]){id}}`:                        `Expected a value of type "String!".`,
		`{job(id:"1",state:{}){id}}`:                          `Expected a value of type "State"`,
		`{job(id:"1",state:1e999){id}}`:                       `Expected a value of type "State"`,
		`{job(id:"1",filter:{words:{}}){id}}`:                 `Expected a value of type "[String!]".`,
		`query($n:[[Int]]=[[{}]]){job(id:"1",nested:$n){id}}`: `Expected a value of type "Int".`,
		`{job(id:"1") @skip(if:{}){id}}`:                      `Expected a value of type "Boolean!".`,
	} {
		_, err := open.Find(t.Context(), Ref{Text: text})
		var mistakes *InvalidError
		if !errors.As(err, &mistakes) || !strings.HasPrefix(mistakes.Mistakes[0].Message, want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
		_, err = quiet.Find(t.Context(), Ref{Text: text})
		if !errors.As(err, &mistakes) ||
			!strings.HasPrefix(mistakes.Mistakes[0].Message, safeMessages["ValuesOfCorrectType"]) {
			t.Errorf("%s, where the schema may not be known: got %v", text, err)
		}
	}
	for _, text := range []string{
		`{job(id:"1",nested:[[2147483647,-2147483648]]){id}}`, `{job(id:5){id}}`,
		`{job(id:"1",filter:{}){id}}`, `{job(id:"1",mine:[{}]){id}}`,
	} {
		if _, err := open.Find(t.Context(), Ref{Text: text}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
