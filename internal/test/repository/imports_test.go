package repository

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module = "atlas-restore-gateway"
	root   = "../../.."
)

// mayImport has, for each package, the packages of the module that its production code may import. Data flows from the
// top to the bottom. ARCHITECTURE.md describes each package.
var mayImport = map[string][]string{
	"": {
		"internal/app",
	},
	"examples/replicas": {
		"internal/atlassim",
	},
	"internal/app": {
		"internal/actions",
		"internal/atlas",
		"internal/atlassim",
		"internal/audit",
		"internal/authn",
		"internal/authz",
		"internal/callcache",
		"internal/config",
		"internal/diagnosis",
		"internal/gateway",
		"internal/httpserver",
		"internal/loader",
		"internal/logwriter",
		"internal/loopback",
		"internal/reload",
		"internal/replica",
		"internal/document",
		"internal/restore",
		"internal/secret",
		"internal/telemetry",
		"internal/upstream",
		"internal/web/dashboard",
		"internal/web/login",
		"internal/web/playground",
		"schema",
	},
	"internal/diagnosis": {
		"internal/atlas",
		"internal/httpclient",
	},
	"internal/httpserver": {
		"internal/loopback",
		"internal/reload",
	},
	"internal/loopback": {},
	"internal/gateway": {
		"internal/actions",
		"graph/fastpath",
		"graph/generated",
		"graph/model",
		"graph/resolvers",
		"internal/atlas",
		"internal/audit",
		"internal/authz",
		"internal/cost",
		"internal/document",
		"internal/execution",
		"internal/flight",
		"internal/guard",
		"internal/httpclient",
		"internal/loader",
		"internal/restore",
		"internal/subscription",
		"internal/tracing",
		"internal/watch",
		"internal/tracing",
	},
	"internal/subscription": {
		"internal/watch",
	},
	"internal/watch": {
		"internal/restore",
		"internal/tracing",
	},
	"internal/execution": {
		"graph/fastpath",
		"graph/generated",
		"graph/model",
		"graph/resolvers",
		"internal/atlas",
		"internal/cost",
		"internal/loader",
		"internal/restore",
		"internal/watch",
	},
	"graph/resolvers": {
		"internal/actions",
		"graph/generated",
		"graph/model",
		"internal/atlas",
		"internal/loader",
		"internal/restore",
	},
	"graph/generated": {
		"graph/fastpath",
		"graph/model",
	},
	"graph/model": {},
	"graph/fastpath": {
		"graph/model",
	},
	// What mutations do: reads through a loader.Reader, and changes through restore.Actions.
	"internal/actions": {
		"internal/atlas",
		"internal/audit",
		"internal/authz",
		"internal/loader",
		"internal/restore",
	},
	"internal/guard": {
		"internal/atlas",
		"internal/authz",
		"internal/loader",
		"internal/restore",
	},
	"internal/loader": {
		"internal/atlas",
		"internal/flight",
		"internal/restore",
		"internal/tracing",
	},
	// A loader.Reader in front of one or several services.
	"internal/upstream": {
		"internal/atlas",
		"internal/authz",
		"internal/loader",
		"internal/lru",
		"internal/reload",
		"internal/restore",
		"internal/secret",
		"internal/strictyaml",
	},
	"internal/restore": {
		"internal/atlas",
		"internal/callcache",
		"internal/flight",
		"internal/jobindex",
		"internal/tracing",
	},
	"internal/atlas": {
		"internal/atlas/jsonscan",
		"internal/flight",
		"internal/httpclient",
		"internal/loopback",
		"internal/lru",
		"internal/secret",
		"internal/tracing",
	},
	"internal/document": {
		"internal/cost",
	},
	"internal/cost": {},
	// A cache of the results of calls that knows neither calls nor results.
	"internal/callcache": {
		"internal/flight",
		"internal/tracing",
	},
	// No clock, no calls, no locks.
	"internal/jobindex": {},
	// Single flight that knows nothing of the call.
	"internal/flight": {},
	// What spans have in common.
	"internal/tracing": {},
	// The constructor of bounded maps.
	"internal/lru": {},
	// No package of the module: a wrong JSON tag that client and simulator shared would pass every test.
	"internal/atlassim": {},
	"internal/telemetry": {
		"internal/atlas",
		"internal/restore",
		"internal/tracing",
	},
	"internal/replica": {
		"internal/lru",
		"internal/secret",
	},
	"internal/config": {
		"internal/reload",
		"internal/replica",
		"internal/strictyaml",
		"internal/atlas",
		"internal/authn",
		"internal/authz",
		"internal/document",
		"internal/gateway",
		"internal/restore",
		"internal/secret",
	},
	// JSON as Atlas writes it.
	"internal/atlas/jsonscan": {},
	// For tests only.
	"internal/test/memnet":     {},
	"internal/test/recordings": {},
	"internal/test/certs":      {},
	"internal/test/filler": {
		"internal/atlas",
	},
	"internal/test/released":   {},
	"internal/test/repository": {},
	// The pages do not depend on the gateway.
	"internal/web/playground": {
		"internal/web/login",
		"internal/web/staticpage",
	},
	"internal/web/dashboard": {
		"internal/web/login",
		"internal/web/staticpage",
	},
	"internal/web/login":      {},
	"schema":                  {},
	"internal/web/staticpage": {},
	// Authentication and authorization do not depend on the domain.
	"internal/authn": {
		"internal/authz",
		"internal/flight",
		"internal/httpclient",
		"internal/loopback",
		"internal/reload",
		"internal/secret",
		"internal/strictyaml",
	},
	"internal/authz": {
		"internal/lru",
		"internal/reload",
		"internal/secret",
		"internal/strictyaml",
	},
	"internal/audit": {
		"internal/authz",
	},
	"internal/httpclient": {},
	"internal/strictyaml": {},
	"internal/reload":     {},
	"internal/logwriter":  {},
	"internal/secret":     {},
}

func TestImports_followTheTable(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		place := strings.TrimPrefix(strings.TrimPrefix(fields[0], module), "/")
		allowed, known := mayImport[place]
		if !known {
			t.Errorf("%s has no row in mayImport", place)
			continue
		}
		seen++
		for _, path := range fields[1:] {
			ours, ok := strings.CutPrefix(path, module+"/")
			if ok && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s", place, ours)
			}
		}
	}
	if seen != len(mayImport) {
		t.Errorf("mayImport has %d rows for %d packages", len(mayImport), seen)
	}
}

func TestPackages_areNamedAfterTheirPurpose(t *testing.T) {
	for place := range mayImport {
		for _, name := range []string{"util", "common", "helpers", "misc"} {
			if strings.Contains(place, name) {
				t.Errorf("the name of %s does not say its purpose", place)
			}
		}
	}
}

func TestGqlgen_generatorAndRuntimeHaveTheSameVersion(t *testing.T) {
	version := regexp.MustCompile(`github\.com/99designs/gqlgen (v\S+)`)
	files := []string{"go.mod", "tools/go.mod"}
	versions := make([]string, 0, len(files))
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		found := version.FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s names no gqlgen", file)
		}
		versions = append(versions, string(found[1]))
	}
	if versions[0] != versions[1] {
		t.Errorf("go.mod has %s, tools/go.mod has %s", versions[0], versions[1])
	}
}
