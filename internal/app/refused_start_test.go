package app

import (
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/config"
)

// Each start that is refused says in one line what is wrong, where, and what to do, and repeats no secret. Mistakes in
// the settings alone are in internal/config.
func TestRun_refusesToStartAndSaysWhereAndWhatToDo(t *testing.T) {
	const marker = "marker-of-a-secret"
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	f := folder(t.TempDir())
	broken, missing, dir := f.write(t, "broken", marker), f.path("missing"), f.path("folder")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	tokens := "--token-file=" + f.write(t, "tokens", "tokens: []\n")
	withUser := "https://user:" + marker + "@host.example"
	token := map[string]string{config.EnvAccessToken: marker}
	key := map[string]string{config.EnvReplicaKey: strings.Repeat("0", 43) + "="}
	const redis, admin, create = "--replica-redis=rediss://127.0.0.1:9", "--admin-listen=127.0.0.1:0", "create it"
	for name, row := range map[string]struct {
		env  map[string]string // nil is the demo
		args []string
		// where is the flag, the variable or the file with its line, and fix what to do.
		where, fix string
	}{
		"settings, missing": {args: []string{"--config=" + missing}, where: missing, fix: create},
		"settings, broken":  {args: []string{"--config=" + broken}, where: broken + ":1:1", fix: "must have keys"},
		"settings, folder":  {args: []string{"--config=" + dir}, where: dir, fix: "must be a regular file"},

		"address, taken": {
			args: []string{"--listen=" + taken.Addr().String()}, where: "in use", fix: "with --listen",
		},
		"address, no port":    {args: []string{"--listen=nowhere"}, where: "nowhere", fix: "with --listen"},
		"address, large port": {args: []string{"--listen=127.0.0.1:99999"}, where: "99999", fix: "with --listen"},
		"address, exposed":    {args: []string{"--listen=0.0.0.0:0"}, where: "--listen=0.0.0.0:0", fix: "choose --auth"},
		"metrics, taken": {
			args: []string{"--admin-listen=" + taken.Addr().String()}, where: "in use", fix: "with --admin-listen",
		},
		"metrics, no port":     {args: []string{"--admin-listen=nowhere"}, where: "nowhere", fix: "with --admin-listen"},
		"admin token, missing": {args: []string{admin, "--admin-token-file=" + missing}, where: missing, fix: create},
		"admin token, broken":  {args: []string{admin, "--admin-token-file=" + broken}, where: broken, fix: "openssl rand"},

		"policy, missing": {args: []string{"--auth=token", tokens, "--policy=" + missing}, where: missing, fix: create},
		"policy, broken": {
			args: []string{"--auth=token", tokens, "--policy=" + broken}, where: broken + ":1:1", fix: "must have keys",
		},
		"tokens, missing": {
			args: []string{"--auth=token", "--token-file=" + missing, "--policy=" + broken}, where: missing, fix: create,
		},
		"tokens, broken": {
			args: []string{"--auth=token", "--token-file=" + broken, "--policy=" + broken}, where: broken + ":1:1",
			fix: "must have keys",
		},
		"routers, missing": {
			args: []string{"--auth=router", "--router-file=" + missing, "--policy=" + broken}, where: missing, fix: create,
		},
		"issuer, with a user": {
			args:  []string{"--auth=oidc", "--oidc-issuer=" + withUser, "--oidc-audience=a", "--policy=" + broken},
			where: "--auth=oidc: the issuer", fix: "must have neither a user",
		},
		"certificate, missing": {
			args: []string{"--tls-cert=" + missing, "--tls-key=" + broken}, where: missing, fix: create,
		},
		"certificate, broken": {
			args: []string{"--tls-cert=" + broken, "--tls-key=" + broken}, where: broken, fix: "both in PEM",
		},
		"audit log, no folder": {
			args: []string{"--audit-log=" + missing + "/log"}, where: missing, fix: "--audit-log must name",
		},
		"audit log, folder":  {args: []string{"--audit-log=" + dir}, where: dir, fix: "--audit-log must name"},
		"documents, missing": {args: []string{"--trusted-documents=" + missing}, where: missing, fix: create},
		"documents, broken": {
			args: []string{"--trusted-documents=" + broken}, where: broken, fix: "must be a JSON object",
		},
		"pages, with a user": {
			args: []string{"--cors-origins=" + withUser}, where: "--cors-origins", fix: "must be like",
		},
		"routers, with a user": {
			args: []string{"--callback-origins=" + withUser}, where: "--callback-origins", fix: "must be like",
		},

		"replica key, missing": {args: []string{redis, "--replica-key-file=" + missing}, where: missing, fix: create},
		"replica key, broken": {
			args: []string{redis, "--replica-key-file=" + broken}, where: broken + ": line 1", fix: "openssl rand",
		},
		"replica key, short": {
			env: map[string]string{config.EnvReplicaKey: marker}, args: []string{"--demo", redis}, where: config.EnvReplicaKey,
			fix: "openssl rand",
		},
		"Redis, password missing": {
			env: key, args: []string{"--demo", redis, "--replica-redis-password-file=" + missing}, where: missing, fix: create,
		},
		"Redis, password in its URL": {
			env: key, args: []string{"--demo", "--replica-redis=redis://u:" + marker + "@127.0.0.1:9"}, where: "--replica-redis",
			fix: "set " + config.EnvReplicaPassword,
		},
		"Redis, authorities missing": {
			env: key, args: []string{"--demo", redis, "--replica-redis-ca=" + missing}, where: missing, fix: create,
		},
		"Redis, authorities broken": {
			env: key, args: []string{"--demo", redis, "--replica-redis-ca=" + broken}, where: broken, fix: "in PEM",
		},

		"Atlas, no credential": {env: map[string]string{}, where: config.EnvPublicKey, fix: "start with --demo"},
		"Atlas, half a key": {
			env: map[string]string{config.EnvPrivateKey: marker}, where: config.EnvPublicKey, fix: "both halves are needed",
		},
		"Atlas, two credentials": {
			env:   map[string]string{config.EnvAccessToken: marker, config.EnvPublicKey: marker, config.EnvPrivateKey: marker},
			where: config.EnvAccessToken, fix: "unset the others",
		},
		"Atlas, a token with a space": {
			env: map[string]string{config.EnvAccessToken: marker + " x"}, where: "the access token", fix: "see MONGODB_ATLAS",
		},
		"Atlas, a user in its URL": {
			env:   map[string]string{config.EnvAccessToken: marker, config.EnvBaseURL: withUser},
			where: config.EnvBaseURL, fix: "must not hold",
		},
		"credentials, missing": {
			env: map[string]string{}, args: []string{"--atlas-credentials=" + missing}, where: missing, fix: create,
		},
		"credentials, broken": {
			env: map[string]string{}, args: []string{"--atlas-credentials=" + broken}, where: broken + ":1:1",
			fix: "must have keys",
		},
		"credentials of actions, broken": {
			env: token, args: []string{"--actions", "--single-replica", "--actions-credentials=" + broken},
			where: broken + ":1:1", fix: "must have keys",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--listen=127.0.0.1:0"}, row.args...)
			if row.env == nil {
				args = append(args, "--demo")
			}
			err := Run(t.Context(), args, environ(row.env), io.Discard, io.Discard)
			if err == nil {
				t.Fatal("it started")
			}
			text := err.Error()
			if !strings.Contains(text, row.where) || !strings.Contains(text, row.fix) || strings.Contains(text, "\n") {
				t.Errorf("got %s, want one line with %s and %s", text, row.where, row.fix)
			}
			if strings.Contains(text, marker) {
				t.Errorf("it shows a secret: %s", text)
			}
		})
	}
}
