package authz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPolicyFile_reloadsAChangedPolicyAndKeepsTheOldOneInsteadOfABrokenOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	backup := &Caller{Method: Token, Token: "backup"}
	methods := everyMethod()
	write(t, path, ruleWith("{token: backup}", "["+shop+"]", "[jobs:read]"))
	l, err := LoadPolicy(path, func() AuthMethods { return methods })
	if err != nil {
		t.Fatal(err)
	}
	check := func(step string, wantChanged bool, wantErr string, mayShop, maySupport bool) {
		t.Helper()
		changed, err := l.Reload(t.Context())
		if changed != wantChanged || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
			t.Errorf("%s: changed %t, %v", step, changed, err)
		}
		g := l.Policy().For(backup)
		if g.Allows(shop, JobsRead) != mayShop || g.Allows(support, JobsRead) != maySupport {
			t.Errorf("%s: shop %t, support %t", step, g.Allows(shop, JobsRead), g.Allows(support, JobsRead))
		}
	}
	check("nothing happened", false, "", true, false)
	write(t, path, ruleWith("{token: backup}", "["+support+"]", "[jobs:read]"))
	check("another project", true, "", false, true)
	write(t, path, "rules: [")
	check("broken", false, path, false, true)
	check("still broken", false, path, false, true)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("gone", false, "cannot be read", false, true)
	write(t, path, ruleWith("{token: backup}", "all", "[jobs:read]"))
	check("back", true, "", true, true)
	methods.Tokens = []string{"dashboard"}
	check("the token is gone", false, `no token named "backup"`, true, true)
	methods.Tokens = []string{"dashboard", "backup"}
	check("the token is back", true, "", true, true)
}

func TestLoadPolicy_rejectsABrokenPolicy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "policy.yaml")
	if _, err := LoadPolicy(path, everyMethod); err == nil || !strings.Contains(err.Error(), "policy.yaml") {
		t.Errorf("got %v", err)
	}
	write(t, path, "rules: all\n")
	if _, err := LoadPolicy(path, everyMethod); err == nil || !strings.Contains(err.Error(), "policy.yaml:1:8: ") {
		t.Errorf("got %v", err)
	}
}

func TestStaticPolicy_doesNotChange(t *testing.T) {
	l := StaticPolicy(AllowAll())
	if changed, err := l.Reload(t.Context()); changed || err != nil {
		t.Errorf("changed %t, %v", changed, err)
	}
	if !l.Policy().For(Anonymous()).Allows(shop, JobsRead|DownloadsRead) {
		t.Error("it forbids something")
	}
}
