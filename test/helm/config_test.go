package helm

import (
	"crypto/x509"
	"encoding/base64"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"atlas-restore-gateway/internal/test/certs"
)

// folder is where the chart mounts the files of the gateway.
const folder = "/etc/atlas-restore-gateway"

// checkConfig has the gateway check its settings, with the files that they name.
func checkConfig(t *testing.T, r release) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), gateway, "check-config", "--config="+mount(t, r))
	cmd.Env = environ(r.container(t))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestSettings_startTheGateway(t *testing.T) {
	t.Parallel()
	for _, base := range bases {
		t.Run(base.name, func(t *testing.T) {
			t.Parallel()
			r := render(t, base.values)
			start(t, environ(r.container(t)), "--config="+mount(t, r), "--admin-listen=127.0.0.1:0", "--log-format=text",
				"--shutdown-delay=0s")
		})
	}
}

// mount writes what the pod has below folder into a new one, and returns the file of the settings. They name its files.
func mount(t *testing.T, r release) string {
	t.Helper()
	secrets := secretFiles()
	dir, data := t.TempDir(), one[*corev1.ConfigMap](t, r, "").Data
	for _, v := range one[*appsv1.Deployment](t, r, "").Spec.Template.Spec.Volumes {
		if v.Projected == nil {
			continue
		}
		files := map[string]string{}
		for _, source := range v.Projected.Sources {
			switch {
			case source.ConfigMap != nil && source.ConfigMap.Optional != nil: // that stops actions
			case source.ConfigMap != nil:
				for _, item := range source.ConfigMap.Items {
					content, own := data[item.Key]
					if !own {
						content = secrets[item.Path]
					}
					files[item.Path] = content
				}
			case source.Secret.Items != nil:
				for _, item := range source.Secret.Items {
					files[item.Path] = secrets[item.Path]
				}
			default: // all keys of the Secret
				files["payments"], files["shop"], files["k"] = "private", "secret", "private"
			}
		}
		for name, content := range files {
			if content == "" {
				t.Fatalf("%s/%s has no content", v.Name, name)
			}
			file := filepath.Join(dir, v.Name, name)
			if err := os.MkdirAll(path.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			content = strings.ReplaceAll(content, folder+"/", dir+"/")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return filepath.Join(dir, "settings/config.yaml")
}

// environ returns the variables of the container, those of Secrets made up.
func environ(c corev1.Container) []string {
	var all []string
	for _, e := range c.Env {
		value := e.Value
		if e.ValueFrom != nil {
			value = "secret"
		}
		all = append(all, e.Name+"="+value)
	}
	if len(c.EnvFrom) > 0 {
		all = append(all, "MONGODB_ATLAS_CLIENT_ID=mdb_sa_id_1", "MONGODB_ATLAS_CLIENT_SECRET=secret")
	}
	return all
}

// secretFiles returns content for the keys that the chart does not make, by the paths of their files.
var secretFiles = sync.OnceValue(func() map[string]string {
	authority := certs.Authority()
	served := authority.Server(x509.Certificate{DNSNames: []string{"restores.example.com"}})
	hash := strings.Repeat("01", 32)
	return map[string]string{
		"tokens.yaml":            "tokens: [{name: backup-team, sha256: " + hash + "}]",
		"routers.yaml":           "routers: [{name: supergraph, sha256: " + hash + "}]",
		"policy.yaml":            "rules: [{subject: {method: oidc}, projects: all, permissions: [\"jobs:read\"]}]",
		"tls/tls.crt":            served.CertPEM(),
		"tls/tls.key":            served.KeyPEM(),
		"tls/ca.crt":             authority.CertPEM(),
		"redis/ca.crt":           authority.CertPEM(),
		"redis/password":         "password",
		"redis/key":              base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))),
		"trusted-documents.json": `{"1": "{ projects { nodes { name } } }"}`,
	}
})
