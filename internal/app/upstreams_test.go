package app

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// serviceToken returns an access token for a service account of the simulator.
func serviceToken(t *testing.T, sim http.Handler, id string) string {
	t.Helper()
	return accessToken(t, sim, id, "secret-of-"+id)
}

func TestRun_passthroughReadsWithTheTokenOfEachCaller(t *testing.T) {
	sim := atlassim.New(
		atlassim.WithServiceAccount("shop", "secret-of-shop", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithServiceAccount("support", "secret-of-support", atlassim.ProjectOwner, atlassim.SeedSecondGroupID))
	p := start(t, atlasFor(t, sim), "--auth=passthrough")
	shop, support := serviceToken(t, sim, "shop"), serviceToken(t, sim, "support")
	p.query(t, nil, projectQuery).want(t, "nobody", 401, "UNAUTHENTICATED")
	p.query(t, nil, projectQuery, "Authorization: Bearer "+shop).want(t, "the shop", 200, `"Storefront"`)
	sim.ResetCalls()
	p.query(t, nil, projectQuery, "Authorization: Bearer "+shop).want(t, "the shop again", 200, `"Storefront"`)
	if len(sim.Calls()) != 1 {
		t.Errorf("Atlas decides each time, and was asked %d times", len(sim.Calls()))
	}
	p.query(t, nil, projectQuery, "Authorization: Bearer "+support).want(t, "somebody else", 200, `"code":"FORBIDDEN"`)
	p.query(t, nil, projectQuery, "Authorization: Bearer made-up").want(t, "nobody that Atlas knows", 200,
		`"code":"UNAUTHENTICATED"`)
	p.query(t, nil, `{ projects { nodes { name } } }`, "Authorization: Bearer "+shop).want(t, "the shop's list", 200,
		`"nodes":[{"name":"Storefront"}]`)
	p.query(t, nil, `{ projects { nodes { name } } }`, "Authorization: Bearer "+support).want(t, "the support's list", 200,
		`"nodes":[{"name":"Support desk"}]`)
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{shop, support, "made-up"} {
		if strings.Contains(p.output.String(), secret) {
			t.Error("the output shows a token")
		}
	}
}

func TestRun_readsEachProjectWithItsCredentialAndRotatesCredentials(t *testing.T) {
	sim := atlassim.New(
		atlassim.WithAPIKey("shop", "secret-of-shop", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithAPIKey("shop2", "secret-of-shop2", atlassim.ProjectOwner, atlassim.SeedGroupID),
		atlassim.WithServiceAccount("support", "secret-of-support", atlassim.ProjectOwner, atlassim.SeedSecondGroupID))
	f := folder(t.TempDir())
	file := func(key string) string {
		return `credentials:
- name: shop
  projects: [` + atlassim.SeedGroupID + `]
  apiKey: {publicKey: ` + key + `, privateKey: {file: shop.key}}
- name: support
  projects: [` + atlassim.SeedSecondGroupID + `]
  serviceAccount: {clientId: support, clientSecret: {env: SUPPORT_SECRET}}
`
	}
	f.write(t, "shop.key", "secret-of-shop\n")
	path := f.write(t, "credentials.yaml", file("shop"))
	env := atlasFor(t, sim)
	env["SUPPORT_SECRET"] = "secret-of-support"
	p := start(t, env, "--atlas-credentials="+path, "--admin-listen=127.0.0.1:0")
	if p.output.waitFor(regexp.MustCompile(`msg="atlas accepts the credential" credential=support`)) == nil {
		t.Error("the credentials were not checked")
	}
	both := `{ a: project(groupId: "` + atlassim.SeedGroupID + `") { name } b: project(groupId: "` +
		atlassim.SeedSecondGroupID + `") { name } projects { nodes { name } } }`
	want := `{"data":{"a":{"name":"Storefront"},"b":{"name":"Support ` +
		`desk"},"projects":{"nodes":[{"name":"Storefront"},{"name":"Support desk"}]}}}`
	p.query(t, nil, both).want(t, "each by its own", 200, want)

	f.write(t, "shop.key", "secret-of-nobody\n")
	p.hangup(t, `setting="atlas credentials" error="atlas refuses the new credential shop`)
	p.query(t, nil, both).want(t, "a wrong key keeps the old", 200, want)
	f.write(t, "shop.key", "secret-of-shop2\n")
	f.write(t, "credentials.yaml", file("shop2"))
	p.hangup(t, `msg="a setting was read again" setting="atlas credentials"`)
	p.query(t, nil, both).want(t, "the new key", 200, want)
	_, metrics := get(t, p.output.waitFor(metricsURL)[1]+"/metrics")
	for _, name := range []string{"shop", "support"} {
		if !regexp.MustCompile(`(?m)^restore_gateway_atlas_requests_total\{class="2xx",credential="` + name +
			`",endpoint_set="[^"]+"\} [1-9]`).MatchString(metrics) {
			t.Errorf("requests with the credential %s are not counted: %s", name, metrics)
		}
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(p.output.String(), "secret-of") {
		t.Error("the output shows a secret")
	}
}
