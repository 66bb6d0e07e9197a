package playground

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/internal/web/login"
)

var demoJobs = Jobs{
	Serverless: Job{GroupID: "63f3484e1f3a9b27c6000001", ClusterName: "orders", RestoreJobID: "67ebae01a6713bc8f4000000"},
	Migrated:   Job{GroupID: "63f3484e1f3a9b27c6000001", ClusterName: "loyalty", RestoreJobID: "67d865694f07c9e28d000000"},
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

func newPlayground(t *testing.T, c Config) http.Handler {
	t.Helper()
	c.Login = func(context.Context) login.Methods { return login.Methods{} }
	h, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestNew_servesAPageOfItsOwnFilesAlone(t *testing.T) {
	h := newPlayground(t, Config{Mode: "demo", Jobs: demoJobs})
	index := get(t, h, "/").Body.String()
	named := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(index, -1)
	files := 0
	for _, name := range named {
		path, ok := strings.CutPrefix(name[1], "./")
		if !ok && name[1] != "graphql" {
			t.Errorf("the index names %q", name[1])
		} else if ok {
			files++
			if w := get(t, h, "/"+path); w.Code != http.StatusOK {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	}
	if files < 3 {
		t.Errorf("the index names %d files", files)
	}
}

func TestNew_contentSecurityPolicyAllowsNothingExternalAndNoEval(t *testing.T) {
	h := newPlayground(t, Config{Mode: "demo"})
	policy := get(t, h, "/").Header().Get("Content-Security-Policy")
	directives := map[string]string{}
	for directive := range strings.SplitSeq(policy, ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		directives[name] = sources
		if strings.Contains(sources, "unsafe-eval") || strings.Contains(sources, "*") || strings.Contains(sources, "//") ||
			name != "style-src-attr" && strings.Contains(sources, "unsafe-inline") {
			t.Errorf("the policy has %s %s", name, sources)
		}
	}
	if directives["default-src"] != "'none'" || directives["script-src"] != "'self'" ||
		directives["frame-ancestors"] != "'none'" {
		t.Errorf("the policy is %v", directives)
	}
}

func TestExamples_areValidWithTheirVariables(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	examples, err := examplesFor(demoJobs)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		document, errs := gqlparser.LoadQueryWithRules(schema, e.Query, rules.NewDefaultRules())
		if errs != nil {
			t.Errorf("%s: %v", e.Name, errs)
			continue
		}
		var variables map[string]any
		if err := json.Unmarshal([]byte(e.Variables), &variables); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		// One operation, with the name of its tab.
		if len(document.Operations) != 1 || document.Operations[0].Name != e.Name {
			t.Errorf("%s holds other operations", e.Name)
		}
		if _, err := validator.VariableValues(schema, document.Operations[0], variables); err != nil {
			t.Errorf("%s: its variables: %v", e.Name, err)
		}
	}
}

func TestExamples_havePlaceholdersWithoutTheDemo(t *testing.T) {
	examples, err := examplesFor(Jobs{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if strings.Contains(e.Query, "$groupId") && !strings.Contains(e.Variables, `"groupId": "the project's id"`) {
			t.Errorf("%s has the variables %s", e.Name, e.Variables)
		}
		if regexp.MustCompile(`[1-9a-f][0-9a-f]{23}`).MatchString(e.Variables + e.Query) {
			t.Errorf("%s has an id of the demo: %s", e.Name, e.Variables)
		}
	}
}

func TestNew_tellsThePageItsModeAndExamples(t *testing.T) {
	h := newPlayground(t, Config{Mode: "demo", Jobs: demoJobs, Dashboard: true})
	index := get(t, h, "/").Body.String()
	found := regexp.MustCompile(`(?s)<script type="application/json" id="page-data"[^>]*>(.*?)</script>`).FindStringSubmatch(index)
	if found == nil {
		t.Fatal("the index has no data")
	}
	var data pageData
	if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		t.Fatal(err)
	}
	if data.Mode != "demo" || !data.Dashboard || len(data.Examples) != 7 || data.Examples[0].Name != "Projects" {
		t.Errorf("got %+v", data)
	}
}
