package app

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// page returns a page of the program.
func (p *process) page(t *testing.T, path string) string {
	t.Helper()
	_, body := get(t, p.url+path)
	return body
}

func TestRun_servesThePagesThatItsSettingsName(t *testing.T) {
	const text, page, missing = "Atlas Restore Gateway. The GraphQL API is at /graphql", `id="page-data"`,
		"404 page not found"
	sim := atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner))
	live := atlasFor(t, sim)
	live["MONGODB_ATLAS_PUBLIC_API_KEY"], live["MONGODB_ATLAS_PRIVATE_API_KEY"] = "public", "private"
	for name, tt := range map[string]struct {
		env             map[string]string
		args            []string
		root, dashboard string
	}{
		"demo":                 {args: []string{"--demo"}, root: page, dashboard: "<title>Restore jobs"},
		"demo without":         {args: []string{"--demo", "--playground=off"}, root: text, dashboard: "<title>Restore jobs"},
		"live":                 {env: live, root: text, dashboard: missing},
		"live where asked for": {env: live, args: []string{"--playground=on"}, root: page, dashboard: missing},
		"live dashboard":       {env: live, args: []string{"--dashboard=on"}, root: text, dashboard: "<title>Restore jobs"},
		"demo without both": {
			args: []string{"--demo", "--playground=off", "--dashboard=off"}, root: text, dashboard: missing,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, tt.env, tt.args...)
			if body := p.page(t, "/"); !strings.Contains(body, tt.root) {
				t.Errorf("/ is %s", body)
			}
			if body := p.page(t, "/dashboard"); !strings.Contains(body, tt.dashboard) {
				t.Errorf("/dashboard is %s", body)
			}
			// What pages read beside /graphql is served where a page is.
			served := tt.root == page || tt.dashboard != missing
			if body := p.page(t, "/caller"); strings.Contains(body, `"name":"anonymous"`) != served {
				t.Errorf("/caller is %s", body)
			}
			schema := p.page(t, "/playground/schema")
			if strings.Contains(schema, "type Query") != (tt.root == page) {
				t.Errorf("/playground/schema is %.100s", schema)
			}
			if err := p.stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRun_demoPrintsTheURLsOfItsPages(t *testing.T) {
	p := start(t, nil, "--demo")
	found := p.output.waitFor(regexp.MustCompile(`(?m)^  (http://\S+) +the playground\n  (http://\S+) +the dashboard$`))
	if found == nil {
		t.Fatal("no page was printed")
	}
	for i, title := range []string{"Playground", "Restore jobs"} {
		if path := strings.TrimPrefix(found[i+1], p.url); !strings.Contains(p.page(t, path), "<title>"+title) {
			t.Errorf("%s is not the page", found[i+1])
		}
	}
}

// examples returns the operations of the playground.
func (p *process) examples(t *testing.T) (mode string, out []map[string]string) {
	t.Helper()
	index := p.page(t, "/")
	found := regexp.MustCompile(`(?s)id="page-data"[^>]*>(.*?)</script>`).FindStringSubmatch(index)
	if found == nil {
		t.Fatalf("the page tells nothing: %s", index)
	}
	var data struct {
		Mode     string              `json:"mode"`
		Examples []map[string]string `json:"examples"`
	}
	if err := json.Unmarshal([]byte(found[1]), &data); err != nil {
		t.Fatal(err)
	}
	return data.Mode, data.Examples
}

func TestRun_demoAnswersTheExamplesOfThePlayground(t *testing.T) {
	want := map[string][]string{
		"Projects":        {`"name":"Storefront"`, `"clusterCount":7`},
		"RestoreJob":      {`"state":"SUCCEEDED"`, `"servedBy":"SERVERLESS"`},
		"MigratedCluster": {`"state":"SUCCEEDED"`, `"servedBy":"DEDICATED"`, `"name":"loyalty"`},
		"WholeProject":    {`"nodes":[{`, `"unread":[]`, `"hasNextPage":true`},
		"LiveJobs":        nil,
		"FollowLinks":     {`"name":"Storefront"`, `"tier":"FLEX"`, `"storageSizeBytes":`},
		"MissingJob":      {`"serverlessRestoreJob":null`, `"code":"NOT_FOUND"`, `"errorCode":"RESTORE_JOB_NOT_FOUND"`},
	}
	p := start(t, nil, "--demo")
	mode, examples := p.examples(t)
	if mode != "demo" || len(examples) != len(want) {
		t.Errorf("mode %q, %d examples", mode, len(examples))
	}
	for _, e := range examples {
		body, err := json.Marshal(map[string]any{
			"query": e["query"], "operationName": e["name"], "variables": json.RawMessage(e["variables"]),
		})
		if err != nil {
			t.Fatal(err)
		}
		if e["name"] == "LiveJobs" {
			continue // a stream, which test/web reads
		}
		_, answer := p.post(t, string(body))
		if strings.Contains(answer, `"errors"`) != (e["name"] == "MissingJob") {
			t.Errorf("%s: %s", e["name"], answer)
		}
		for _, part := range want[e["name"]] {
			if !strings.Contains(answer, part) {
				t.Errorf("%s lacks %s: %s", e["name"], part, answer)
			}
		}
	}
}

func TestRun_liveExamplesNameNoJobOfTheDemo(t *testing.T) {
	sim := atlassim.New(atlassim.WithAPIKey("public", "private", atlassim.ProjectOwner))
	env := atlasFor(t, sim)
	env["MONGODB_ATLAS_PUBLIC_API_KEY"], env["MONGODB_ATLAS_PRIVATE_API_KEY"] = "public", "private"
	mode, examples := start(t, env, "--playground=on").examples(t)
	if mode != "live" || len(examples) == 0 {
		t.Errorf("mode %q, %d examples", mode, len(examples))
	}
	for _, e := range examples {
		if strings.Contains(e["variables"], atlassim.SeedGroupID) {
			t.Errorf("%s has the variables %s", e["name"], e["variables"])
		}
	}
}
