package document

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/cost"

	"github.com/vektah/gqlparser/v2/validator/rules"
)

func TestSyntaxError_hasThePositionAndNotTheText(t *testing.T) {
	s := newStore(t, func(c *Config) { c.Reveal = true })
	for text, want := range map[string]string{
		"{":                     "unexpected <EOF> at line 1, column 2",
		"secret":                "unexpected Name at line 1, column 1",
		"{ a(b: secret secret":  "found",
		"{ a }\n \"secret\"":    "unexpected",
		"{ a(b: \"secret":       "unexpected text at line 1",
		"{ a(b: 1.secret) }":    "unexpected text at line 1",
		"{ \u0007 }":            "unexpected text at line 1",
		"query on secret { a }": "unexpected Name at line 1, column 10",
		"{ a(b: \"\\usecret":    "unexpected text at line 1",
	} {
		_, err := s.Find(t.Context(), Ref{Text: text})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || strings.Contains(err.Error(), "secret") ||
			want != "found" && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	_, err := s.Find(t.Context(), Ref{Text: "# nothing"})
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Errorf("a document without an operation: %v", err)
	}
}

// invalid are documents that break a rule each.
var invalid = map[string]string{
	"FieldsOnCorrectType":          "{jobs{idd}}",
	"FragmentsOnCompositeTypes":    "{jobs{... on State{a}}}",
	"KnownArgumentNames":           `{job(id:"1",nam:1){id}}`,
	"KnownDirectives":              "{jobs{id @clientOnly}}",
	"KnownFragmentNames":           "{jobs{...Nothing}}",
	"KnownRootType":                "mutation{nothing}",
	"KnownTypeNames":               "{jobs{... on Jobb{id}}}",
	"LoneAnonymousOperation":       "{jobs{id}} query A{jobs{id}}",
	"MaxIntrospectionDepth":        "{__schema{types{fields{type{fields{type{fields{name}}}}}}}}",
	"NoUndefinedVariables":         "{job(id:$mine){id}}",
	"NoUnusedFragments":            "{jobs{id}} fragment Mine on Job{id}",
	"NoUnusedVariables":            "query($mine:ID){jobs{id}}",
	"OverlappingFieldsCanBeMerged": "{jobs{id id:secretName}}",
	"PossibleFragmentSpreads":      "{jobs{... on Query{jobs{id}}}}",
	"ProvidedRequiredArguments":    "{job{id}}",
	"ScalarLeafs":                  "{jobs}",
	"UniqueArgumentNames":          `{job(id:"1",id:"1"){id}}`,
	"UniqueDirectivesPerLocation":  "{jobs @skip(if:true) @skip(if:true){id}}",
	"UniqueFragmentNames":          "{jobs{...A}} fragment A on Job{id} fragment A on Job{id}",
	"UniqueInputFieldNames":        `{job(id:"1",filter:{words:[],words:[]}){id}}`,
	"UniqueOperationNames":         "query A{jobs{id}} query A{jobs{id}}",
	"UniqueVariableNames":          "query($a:ID!,$a:ID!){job(id:$a){id}}",
	"ValuesOfCorrectType":          `{job(id:"1",state:"hunter2",nested:[["hunter2"]]){id}}`,
	"VariablesAreInputTypes":       "query($a:Job){job(id:$a){id}}",
	"VariablesInAllowedPosition":   "query($a:String){job(id:$a){id}}",
}

func TestInvalidError_hidesTheSchemaUnlessRevealed(t *testing.T) {
	quiet, open := newStore(t, nil), newStore(t, func(c *Config) { c.Reveal = true })
	inSchema := regexp.MustCompile(`secretName|\bJobs?\b|\bState\b|\bFilter\b|\bwords\b|\bjobs?\b|RUNNING|\bnames\b|\bID!|Did you mean`)
	for rule, text := range invalid {
		t.Run(rule, func(t *testing.T) {
			if safeMessages[rule] == "" {
				t.Error("there are no words for it")
			}
			_, err := quiet.Find(t.Context(), Ref{Text: text})
			var mistakes *InvalidError
			if !errors.As(err, &mistakes) {
				t.Fatalf("got %v", err)
			}
			said := false
			for _, m := range mistakes.Mistakes {
				said = said || strings.HasPrefix(m.Message, safeMessages[rule])
				if inSchema.MatchString(m.Message) || strings.Contains(m.Message, "hunter2") {
					t.Errorf("it says %q", m.Message)
				}
			}
			if !said {
				t.Errorf("got %v, want %q", mistakes, safeMessages[rule])
			}
			_, err = open.Find(t.Context(), Ref{Text: text})
			if !errors.As(err, &mistakes) || strings.Contains(mistakes.Error(), "hunter2") ||
				strings.HasPrefix(mistakes.Mistakes[0].Message, safeMessages[rule]) {
				t.Errorf("where the schema may be known: %v", err)
			}
		})
	}
	for rule := range rules.NewDefaultRules().GetInner() {
		if safeMessages[rule] == "" {
			t.Errorf("there are no words for the rule %s", rule)
		}
	}
}

func TestInvalidError_suggestsNamesWhereRevealed(t *testing.T) {
	s := newStore(t, func(c *Config) { c.Reveal = true })
	for text, want := range map[string]string{
		"{jobs{idd}}":                        `Did you mean "id"?`,
		`{job(id:"1",state:RUNNINGG){id}}`:   `Expected a value of type "State": RUNNING or FAILED.`,
		`{job(id:"1",nested:[["a"]]){id}}`:   `Expected a value of type "Int".`,
		"{" + strings.Repeat("x", 999) + "}": "a field is not known where it is asked for (line 1, column 2)",
	} {
		_, err := s.Find(t.Context(), Ref{Text: text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestInvalidError_isBounded(t *testing.T) {
	s := newStore(t, nil)
	_, err := s.Find(t.Context(), Ref{Text: "{jobs{" + strings.Repeat("x ", 90) + "}}"})
	var mistakes *InvalidError
	if !errors.As(err, &mistakes) || len(mistakes.Mistakes) != maxMistakes+1 ||
		mistakes.Mistakes[maxMistakes].Message != "there are 70 more mistakes" {
		t.Errorf("got %v", err)
	}
}

func TestDefer_isDropped(t *testing.T) {
	s := newStore(t, nil)
	d, err := s.Find(t.Context(), Ref{Text: "{...@defer{jobs{...A @defer}}} fragment A on Job{... @defer(label:\"a\"){id}}"})
	if err != nil {
		t.Fatal(err)
	}
	by := newMeasurer(d.AST)
	if s := by.operation(d.AST.Operations[0]); s.directives != 0 {
		t.Errorf("%d directives are left", s.directives)
	}
}

func FuzzFind(f *testing.F) {
	for _, text := range invalid {
		f.Add(text)
	}
	f.Add("{...A} fragment A on Query{jobs{id}}")
	f.Add("query A($a:[ID!]=[\"\"]){job(id:\"1\"){...on Job@defer{id}}}")
	stores := make([]*Store, 0, 2)
	for _, warn := range []bool{false, true} {
		s, err := NewStore(Config{Schema: schema, Costs: &cost.Model{}, Limits: small, Warn: warn})
		if err != nil {
			f.Fatal(err)
		}
		stores = append(stores, s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return
		}
		for _, s := range stores {
			d, err := s.Find(t.Context(), Ref{Text: text})
			var syntax *SyntaxError
			var limit *LimitError
			var mistakes *InvalidError
			switch {
			case err == nil:
				if len(d.AST.Operations) == 0 || !s.warn && len(d.Beyond) > 0 {
					t.Error("it was taken")
				}
			case !errors.As(err, &syntax) && !errors.As(err, &limit) && !errors.As(err, &mistakes):
				t.Errorf("got %v", err)
			}
		}
	})
}
