package app

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
)

func TestAuthenticationGuide_filesAreValid(t *testing.T) {
	guide := readFile(t, "docs/authentication.md") + readFile(t, "docs/configuration.md")
	f := folder(t.TempDir())
	if err := os.Mkdir(f.path("secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	f.write(t, "secrets/payments", "a-private-key")
	names := make(map[string]int)
	for _, block := range regexp.MustCompile("(?s)```yaml\n# ([a-z.]+)\n(.*?)```").FindAllStringSubmatch(guide, -1) {
		name := block[1]
		names[name]++
		f.write(t, name, block[2])
		if name != "policy.yaml" {
			continue
		}
		// The first of the two is for tokens alone.
		args := []string{"--auth=token", "--token-file=" + f.path("tokens.yaml"), "--policy=" + f.path(name)}
		if names[name] > 1 {
			args[0] = "--auth=oidc,token,router"
			args = append(args, "--oidc-issuer=http://127.0.0.1:1", "--oidc-audience=gateway",
				"--router-file="+f.path("routers.yaml"))
		}
		p := start(t, nil, append(args, "--demo")...)
		p.query(t, nil, projectQuery).want(t, name, 401, "UNAUTHENTICATED")
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	}
	if want := map[string]int{"policy.yaml": 2, "tokens.yaml": 1, "routers.yaml": 1, "credentials.yaml": 1}; !maps.Equal(
		names, want) {
		t.Errorf("the guides have the files %v, want %v", names, want)
	}
	env := atlasFor(t, http.NotFoundHandler())
	env["SHOP_CLIENT_ID"], env["SHOP_CLIENT_SECRET"] = "mdb_sa_id_1", "a-secret"
	p := start(t, env, "--atlas-credentials="+f.path("credentials.yaml"), "--auth=router", "--policy="+
		f.write(t, "open.yaml", "rules:\n- subject: {router: supergraph}\n  projects: all\n  permissions: [jobs:read]\n"),
		"--router-file="+f.path("routers.yaml"))
	if err := p.stop(); err != nil {
		t.Error(err)
	}
}

func TestAuthenticationGuide_auditLogLineHasTheFieldsOfALine(t *testing.T) {
	shown := regexp.MustCompile(`\{"time":.*"download_url_read".*\}`).FindString(readFile(t, "docs/authentication.md"))
	var out strings.Builder
	ctx := audit.WithOrigin(authz.WithCaller(t.Context(), &authz.Caller{Method: authz.OIDC, Issuer: "i", Subject: "s"}),
		audit.Origin{Remote: "r", RequestID: "q"})
	if err := audit.New(&out).Record(ctx, audit.Download{GroupID: "g", ClusterName: "c", JobID: "j", Field: "f"}); err != nil {
		t.Fatal(err)
	}
	var in [2]map[string]any
	for i, line := range []string{shown, out.String()} {
		if err := json.Unmarshal([]byte(line), &in[i]); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := slices.Sorted(maps.Keys(in[0])), slices.Sorted(maps.Keys(in[1])); !slices.Equal(got, want) {
		t.Errorf("the guide shows %v, a line has %v", got, want)
	}
}
