package atlassim_test

import (
	"crypto/md5"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

var challengeForm = regexp.MustCompile(
	`^Digest realm="MMS Public API", domain="", nonce="([^"]+)", algorithm=MD5, qop="auth", stale=(true|false)$`)

// credential is what a digest client puts into its Authorization header.
type credential struct {
	user, password, nonce, nc, method, uri string
}

func (c credential) header() string {
	hex := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	ha1 := hex(c.user + ":MMS Public API:" + c.password)
	response := hex(ha1 + ":" + c.nonce + ":" + c.nc + ":c0ffee:auth:" + hex(c.method+":"+c.uri))
	return fmt.Sprintf(`Digest username="%s", realm="MMS Public API", nonce="%s", uri="%s", response="%s", `+
		`algorithm=MD5, cnonce="c0ffee", qop=auth, nc=%s`, c.user, c.nonce, c.uri, response, c.nc)
}

// shake fetches a challenge and prepares a good credential for GET of the path.
func (a *atlas) shake(path string) credential {
	a.t.Helper()
	w := a.send(http.MethodGet, path)
	m := challengeForm.FindStringSubmatch(w.Header().Get("WWW-Authenticate"))
	if w.Code != http.StatusUnauthorized || m == nil {
		a.t.Fatalf("no challenge: %d %q", w.Code, w.Header().Get("WWW-Authenticate"))
	}
	if m[2] != "false" {
		a.t.Fatalf("a first challenge must not be stale")
	}
	return credential{
		user: publicKey, password: privateKey, nonce: m[1], nc: "00000001", method: http.MethodGet, uri: path,
	}
}

func TestDigest_challengesAsAtlasDoes(t *testing.T) {
	a := newAtlas(t)
	for _, path := range []string{apiRoot, jobs, apiRoot + "/nowhere"} {
		w := a.send(http.MethodGet, path)
		wantStatus(t, w, http.StatusUnauthorized)
		if !challengeForm.MatchString(w.Header().Get("WWW-Authenticate")) {
			t.Errorf("%s: challenge %q", path, w.Header().Get("WWW-Authenticate"))
		}
		body := decode[map[string]any](t, w)
		if _, has := body["errorCode"]; has || body["error"] != float64(401) {
			t.Errorf("%s: body %v, want error 401 and no errorCode", path, body)
		}
		if w.Header().Get("X-Error-Code") != "" {
			t.Errorf("%s: a 401 has no X-Error-Code", path)
		}
	}
}

func TestDigest_checksTheCredential(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*credential)
		status int
	}{
		"right":           {change: func(*credential) {}, status: http.StatusOK},
		"wrong password":  {change: func(c *credential) { c.password += "x" }, status: http.StatusUnauthorized},
		"unknown user":    {change: func(c *credential) { c.user = "nobody" }, status: http.StatusUnauthorized},
		"another method":  {change: func(c *credential) { c.method = "POST" }, status: http.StatusUnauthorized},
		"another path":    {change: func(c *credential) { c.uri = apiRoot + "/groups" }, status: http.StatusUnauthorized},
		"count of zero":   {change: func(c *credential) { c.nc = "00000000" }, status: http.StatusUnauthorized},
		"count not hex":   {change: func(c *credential) { c.nc = "0000000g" }, status: http.StatusUnauthorized},
		"count too short": {change: func(c *credential) { c.nc = "1" }, status: http.StatusUnauthorized},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			c := a.shake(apiRoot)
			tc.change(&c)
			w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
			wantStatus(t, w, tc.status)
			if tc.status == http.StatusUnauthorized && !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "stale=false") {
				t.Errorf("a wrong credential is not stale: %q", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}

func TestDigest_checksTheQuery(t *testing.T) {
	a := newAtlas(t)
	c := a.shake(jobs + "?pageNum=2")
	wantStatus(t, a.send(http.MethodGet, jobs+"?pageNum=3", header("Authorization", c.header())), http.StatusUnauthorized)
	wantStatus(t, a.send(http.MethodGet, jobs+"?pageNum=2", header("Authorization", c.header())), http.StatusOK)
}

func TestNonce_acceptsEachCountOnceInAnyOrder(t *testing.T) {
	a := newAtlas(t)
	c := a.shake(apiRoot)
	for _, step := range []struct {
		nc     string
		status int
	}{
		{nc: "00000003", status: http.StatusOK},
		{nc: "00000001", status: http.StatusOK},
		{nc: "00000003", status: http.StatusUnauthorized},
		{nc: "00000002", status: http.StatusOK},
		{nc: "00000001", status: http.StatusUnauthorized},
		{nc: "00000a00", status: http.StatusOK},
		{nc: "00000004", status: http.StatusOK}, // one of thousands that are under way
		{nc: "00002000", status: http.StatusOK},
		{nc: "00000005", status: http.StatusUnauthorized}, // too far behind to know
		{nc: "00001fff", status: http.StatusOK},
	} {
		c.nc = step.nc
		w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
		wantStatus(t, w, step.status)
		if step.status == http.StatusUnauthorized && !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "stale=true") {
			t.Errorf("nc %s: want stale=true, got %q", step.nc, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestNonce_isStaleWhenExpired(t *testing.T) {
	a := newAtlas(t, atlassim.WithNonceLifetime(time.Minute))
	c := a.shake(apiRoot)
	a.clock.advance(time.Minute - time.Nanosecond)
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", c.header())), http.StatusOK)

	a.clock.advance(time.Nanosecond)
	c.nc = "00000002"
	w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
	wantStatus(t, w, http.StatusUnauthorized)
	m := challengeForm.FindStringSubmatch(w.Header().Get("WWW-Authenticate"))
	if m == nil || m[2] != "true" {
		t.Fatalf("challenge %q, want stale=true", w.Header().Get("WWW-Authenticate"))
	}
	c.nonce, c.nc = m[1], "00000001"
	wantStatus(t, a.send(http.MethodGet, apiRoot, header("Authorization", c.header())), http.StatusOK)
}

func TestNonce_ofAnotherServerIsStaleWithTheRightPassword(t *testing.T) {
	a := newAtlas(t)
	c := a.shake(apiRoot)
	c.nonce = "0123456789abcdef0123456789abcdef"
	w := a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
	if !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "stale=true") {
		t.Errorf("right password: %q, want stale=true", w.Header().Get("WWW-Authenticate"))
	}
	c.password = "wrong"
	w = a.send(http.MethodGet, apiRoot, header("Authorization", c.header()))
	if !strings.HasSuffix(w.Header().Get("WWW-Authenticate"), "stale=false") {
		t.Errorf("wrong password: %q, want stale=false", w.Header().Get("WWW-Authenticate"))
	}
}

func FuzzDigest(f *testing.F) {
	f.Add(credential{user: publicKey, password: "wrong", nonce: "n", nc: "00000001", method: "GET", uri: apiRoot}.header())
	f.Add(`Digest username="a\"b", x=`)
	f.Add("Bearer")
	f.Add("Digest ,,=,")
	f.Fuzz(func(t *testing.T, authorization string) {
		a := newAtlas(t)
		w := a.send(http.MethodGet, apiRoot, func(r *http.Request) { r.Header["Authorization"] = []string{authorization} })
		wantStatus(t, w, http.StatusUnauthorized)
	})
}
