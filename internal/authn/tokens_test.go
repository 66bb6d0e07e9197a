package authn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func hashOf(secret string) string {
	digest := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(digest[:])
}

// secretOf returns a secret of the right length.
func secretOf(name string) string { return name + "-" + strings.Repeat("0", MinTokenBytes) }

// fileOf returns the content of a file with the secrets of the names.
func fileOf(what string, names ...string) string {
	if len(names) == 0 {
		return what + ": []\n"
	}
	var b strings.Builder
	b.WriteString(what + ":\n")
	for _, name := range names {
		fmt.Fprintf(&b, "- name: %s\n  sha256: %s\n", name, hashOf(secretOf(name)))
	}
	return b.String()
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if path == "" {
		path = filepath.Join(t.TempDir(), "file.yaml")
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func newTestTokens(t *testing.T, what string, names ...string) *Tokens {
	t.Helper()
	tokens, err := loadTokens(write(t, "", fileOf(what, names...)), what)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func TestTokens_findATokenByItsHash(t *testing.T) {
	tokens := newTestTokens(t, "tokens", "dashboard", "backup")
	for secret, want := range map[string]string{
		secretOf("dashboard"): "dashboard", secretOf("backup"): "backup", secretOf("other"): "",
		secretOf("dashboard") + "0": "", secretOf("Dashboard"): "", "": "", "dashboard": "",
		// The content of the file is no token.
		hashOf(secretOf("dashboard")): "", "sha256:" + hashOf(secretOf("dashboard")): "",
	} {
		if found, err := tokens.find(secret); found.name != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", secret, found.name, err)
		}
	}
}

func TestNewToken_matchesItsHash(t *testing.T) {
	token, hash := NewToken()
	again, _ := NewToken()
	if hashOf(token) != hash || token == again || len(token) < MinTokenBytes || !isToken68(token) {
		t.Errorf("got %q and %q", token, hash)
	}
}

func TestTokens_rejectAShortSecret(t *testing.T) {
	const password = "correct horse battery staple!!!"
	tokens, err := loadTokens(write(t, "", "tokens:\n- name: weak\n  sha256: "+hashOf(password)+"\n"), "tokens")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := tokens.find(password); err == nil {
		t.Errorf("it is taken for %s", found.name)
	}
}

func TestTokens_rejectAnExpiredToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(time.Hour).UTC()
		tokens, err := loadTokens(write(t, "", fileOf("tokens", "guest")+"  expires: "+at.Format(time.RFC3339)+"\n"),
			"tokens")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tokens.find(secretOf("guest")); err != nil {
			t.Error(err)
		}
		<-time.After(time.Hour)
		if _, err := tokens.find(secretOf("guest")); !errors.Is(err, errExpiredToken) {
			t.Errorf("after its time: %v", err)
		}
	})
}

func TestTokens_rejectARevokedTokenAfterTheReload(t *testing.T) {
	path := write(t, "", fileOf("tokens", "a", "b"))
	tokens, err := LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	check := func(step string, wantChanged bool, wantErr string, names ...string) {
		t.Helper()
		changed, err := tokens.Reload(t.Context())
		if changed != wantChanged || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
			t.Errorf("%s: changed %t, %v", step, changed, err)
		}
		var known []string
		for _, name := range []string{"a", "b", "c"} {
			if found, err := tokens.find(secretOf(name)); err == nil && found.name == name {
				known = append(known, name)
			}
		}
		if diff := cmp.Diff(names, known); diff != "" {
			t.Errorf("%s: %s", step, diff)
		}
	}
	check("nothing happened", false, "", "a", "b")
	write(t, path, fileOf("tokens", "b", "c"))
	check("one revoked, one new", true, "", "b", "c")
	write(t, path, "tokens:\n- name: x\n")
	check("broken", false, path+":2", "b", "c")
	check("still broken", false, path+":2", "b", "c")
	write(t, path, fileOf("tokens"))
	check("all revoked", true, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	check("gone", false, "cannot be read")
	if _, err := LoadTokens(path); err == nil {
		t.Error("a file that is not there is no error at the start")
	}
}

// TestTokens_areFoundWhileTheirFileIsReplaced replaces a file as Kubernetes does: its directory is a
// link, which is replaced atomically.
func TestTokens_areFoundWhileTheirFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	mount := func(version int, names ...string) {
		t.Helper()
		folder := filepath.Join(dir, fmt.Sprint("v", version))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "tokens.yaml"), fileOf("tokens", names...))
		link := filepath.Join(dir, "next")
		if err := errors.Join(os.Symlink(folder, link), os.Rename(link, filepath.Join(dir, "data"))); err != nil {
			t.Fatal(err)
		}
	}
	mount(0, "stays", "goes")
	tokens, err := LoadTokens(filepath.Join(dir, "data", "tokens.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := tokens.find(secretOf("stays")); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for version := range 20 {
		names := []string{"stays", "goes"}[:1+version%2]
		mount(version+1, names...)
		if changed, err := tokens.Reload(t.Context()); !changed || err != nil {
			t.Errorf("changed %t, %v", changed, err)
		}
		if _, err := tokens.find(secretOf("goes")); (err == nil) != (len(names) == 2) {
			t.Errorf("with %v: %v", names, err)
		}
	}
	stop()
	wg.Wait()
}

// TestTokens_compareEveryHash checks what the time depends on: each hash is compared by the function
// that takes the same time for all inputs.
func TestTokens_compareEveryHash(t *testing.T) {
	tokens := newTestTokens(t, "tokens", "a", "b", "c", "d", "e")
	before, compared := constantTimeCompare, 0
	defer func() { constantTimeCompare = before }()
	constantTimeCompare = func(x, y []byte) int {
		if len(x) != sha256.Size || len(y) != sha256.Size {
			t.Errorf("%d and %d bytes are compared", len(x), len(y))
		}
		compared++
		return before(x, y)
	}
	for _, secret := range []string{
		secretOf("a"), secretOf("c"), secretOf("e"), secretOf("nobody"), "", strings.Repeat("x", maxTokenBytes),
	} {
		compared = 0
		_, _ = tokens.find(secret)
		if compared != 5 {
			t.Errorf("for %.10q %d hashes are compared", secret, compared)
		}
	}
}

func TestParseTokens_rejectsABrokenFileWithTheLineOfTheMistake(t *testing.T) {
	good := hashOf(secretOf("a"))
	for name, tt := range map[string]struct{ content, want string }{
		"nothing":              {want: ": the file is empty"},
		"another file":         {content: "rules: []\n", want: `:1:1: unknown key "rules"`},
		"the routers' file":    {content: "routers: []\n", want: `:1:1: unknown key "routers"`},
		"tokens that are none": {content: "tokens: a\n", want: ":1:9: tokens must be a list"},
		"no name": {
			content: "tokens:\n- sha256: " + good + "\n", want: `:2:3: an entry needs the key "name"`,
		},
		"no hash": {content: "tokens:\n- name: a\n", want: `:2:3: an entry needs the key "sha256"`},
		"a token in place of its hash": {
			content: "tokens:\n- name: a\n  sha256: arg_hunter2\n", want: ":3:11: sha256 must be the 64 hexadecimal digits",
		},
		"a hash that is too short": {
			content: "tokens:\n- name: a\n  sha256: " + good[:62] + "\n", want: ":3:11: sha256 must be",
		},
		"a hash of another sort": {content: "tokens:\n- name: a\n  sha512: " + good + "\n", want: `:3:3: unknown key "sha512"`},
		"a name of words":        {content: "tokens:\n- name: a b\n  sha256: " + good + "\n", want: ":2:9: a name has letters"},
		"a hash twice": {
			content: "tokens:\n- {name: a, sha256: " + good + "}\n- {name: b, sha256: " + good + "}\n",
			want:    ":3:3: this hash stands in the file already",
		},
		"an expiry that is none": {
			content: "tokens:\n- name: a\n  sha256: " + good + "\n  expires: soon\n", want: ":4:12: expires must be a moment",
		},
	} {
		_, err := parseTokens("t.yaml", "tokens", []byte(tt.content))
		if err == nil || !strings.HasPrefix(err.Error(), "t.yaml"+tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var b strings.Builder
	b.WriteString("tokens:\n")
	for i := range maxTokens + 1 {
		fmt.Fprintf(&b, "- {name: a, sha256: %064x}\n", i)
	}
	if _, err := parseTokens("t.yaml", "tokens", []byte(b.String())); err == nil ||
		!strings.Contains(err.Error(), "at most 1000") {
		t.Errorf("got %v", err)
	}
}

func TestParseTokens_acceptsANameTwice(t *testing.T) {
	tokens, err := loadTokens(write(t, "", fileOf("tokens", "a")+"- name: a\n  sha256: "+hashOf(secretOf("new"))+"\n"),
		"tokens")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{secretOf("a"), secretOf("new")} {
		if found, err := tokens.find(secret); found.name != "a" || err != nil {
			t.Errorf("%q, %v", found.name, err)
		}
	}
	if diff := cmp.Diff([]string{"a"}, tokens.Names()); diff != "" {
		t.Error(diff)
	}
}
