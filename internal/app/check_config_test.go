package app

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles writes the files into a new folder, and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCheckConfig_reportsEveryMistakeOfEveryFile(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"config.yaml": "listen: 0.0.0.0:8080\nauth: [token]\npolicy: policy.yaml\ntoken-file: tokens.yaml\n" +
			"atlas-credentials: credentials.yaml\ncache-final: 9h\ntls-cert: cert.pem\ntls-key: key.pem\n" +
			"cors-origins: [https://a.example.com/path]\n",
		"tokens.yaml": "tokens:\n- name: a b\n  sha256: x\n- name: c\n  sha256: hunter2\n",
		"credentials.yaml": "credentials:\n- nam: a\n  projects: [x]\n  apiKey: {publicKey: p, privateKey: hunter2}\n" +
			"- name: b\n  apiKey: {publicKey: p}\n",
		"cert.pem": "hunter2",
	})
	var out strings.Builder
	err := Run(t.Context(), []string{"check-config", "--config", filepath.Join(dir, "config.yaml")}, nil, &out, &out)
	if err == nil || out.Len() > 0 {
		t.Fatalf("got %v, %q", err, out.String())
	}
	text := strings.ReplaceAll(err.Error(), dir+"/", "")
	for _, want := range []string{
		"config.yaml:6:14: cache-final must be from 0s to 1h0m0s, not 9h0m0s",
		"tokens.yaml:2:9: a name has letters",
		"tokens.yaml:5:11: sha256 must be the 64 hexadecimal digits",
		`credentials.yaml:2:3: unknown key "nam"`,
		`credentials.yaml:6:11: an apiKey needs the key "privateKey"`,
		"the certificate cannot be read: open key.pem",
		"--cors-origins: ",
	} {
		if !strings.Contains(text, "\n  "+want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(text, "hunter2") || t.Failed() {
		t.Errorf("got %s", text)
	}
}

func TestCheckConfig_checksThePolicyAgainstTokensAndProjects(t *testing.T) {
	token := "tokens:\n- name: a\n  sha256: " + strings.Repeat("0", 64) + "\n"
	config := "auth: [token]\npolicy: policy.yaml\ntoken-file: tokens.yaml\natlas-credentials: credentials.yaml\n"
	credentials := "credentials:\n- name: a\n  projects: [63f3484e1f3a9b27c6000001]\n" +
		"  apiKey: {publicKey: p, privateKey: {env: KEY}}\n"
	rule := "rules:\n- subject: {token: %}\n  projects: [63f3484e1f3a9b27c600000%]\n  permissions: [jobs:read]\n"
	filled := func(token, project string) string {
		return strings.Replace(strings.Replace(rule, "%", token, 1), "%", project, 1)
	}
	for name, tt := range map[string]struct{ policy, want string }{
		"a good policy":   {policy: filled("a", "1")},
		"another token":   {policy: filled("b", "1"), want: `policy.yaml:2:20: there is no token named "b"`},
		"another project": {policy: filled("a", "2"), want: "policy.yaml:3:14: no Atlas credential reads the project"},
	} {
		dir := writeFiles(t, map[string]string{
			"config.yaml": config, "tokens.yaml": token, "credentials.yaml": credentials, "policy.yaml": tt.policy,
		})
		var out strings.Builder
		err := Run(t.Context(), []string{"check-config", "--config=" + filepath.Join(dir, "config.yaml")},
			[]string{"KEY=hunter2"}, &out, &out)
		switch {
		case tt.want == "" && (err != nil || !strings.HasPrefix(out.String(), "the settings are valid: 4 are set")):
			t.Errorf("%s: got %v, %q", name, err, out.String())
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCheckConfig_rejectsAnAddressThatOthersReach(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:1": "can be reached from other machines", "gateway.example.com:1": "can be reached from other machines",
		"localhost:1": "", "[::1]:1": "", "nothing": "is no HOST:PORT",
	} {
		var out strings.Builder
		err := Run(t.Context(), []string{"check-config", "--demo", "--listen=" + address}, nil, &out, &out)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func TestCheckConfig_usesNoNetwork(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	accepted := make(chan bool, 1)
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			_ = conn.Close()
		}
		accepted <- err == nil
	}()
	dir := writeFiles(t, map[string]string{
		"policy.yaml": "rules:\n- subject: {method: oidc}\n  projects: all\n  permissions: [jobs:read]\n",
		"key":         "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	})
	var out strings.Builder
	err = Run(t.Context(), []string{
		"check-config", "--auth=oidc", "--oidc-issuer=" + url, "--oidc-audience=a", "--policy=" + filepath.Join(dir, "policy.yaml"),
		"--replica-redis=redis://" + listener.Addr().String(), "--replica-key-file=" + filepath.Join(dir, "key"),
	}, []string{"MONGODB_ATLAS_ACCESS_TOKEN=t", "MONGODB_ATLAS_BASE_URL=" + url}, &out, &out)
	if err != nil {
		t.Error(err)
	}
	_ = listener.Close()
	if <-accepted {
		t.Error("it connected to an address of the settings")
	}
}
