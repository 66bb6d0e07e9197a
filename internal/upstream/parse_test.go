package upstream

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlas"
)

func TestParse_reportsTheLineOfAMistakeAndNoSecret(t *testing.T) {
	const id = "63f3484e1f3a9b27c6000001"
	good := "  apiKey: {publicKey: p, privateKey: {env: A}}\n"
	for name, tt := range map[string]struct{ content, want string }{
		"nothing": {
			content: "",
			want:    ": the file is empty",
		},
		"an unknown key": {
			content: "keys: []\n",
			want:    `:1:1: unknown key "keys"`,
		},
		"no credentials": {
			content: "credentials: []\n",
			want:    ":1:14: credentials must not be empty",
		},
		"no name": {
			content: "credentials:\n- projects: [" + id + "]\n" + good,
			want:    `:2:3: a credential needs the key "name"`,
		},
		"for nothing": {
			content: "credentials:\n- name: a\n" + good,
			want:    ":2:3: a credential needs projects or organizations",
		},
		"a project that is none": {
			content: "credentials:\n- name: a\n  projects: [shop]\n" + good,
			want:    ":3:14: an id of projects is 24 digits",
		},
		"a project twice": {
			content: "credentials:\n- name: a\n  projects: [" + id + ", " + id + "]\n" + good,
			want:    ":3:40: this id stands here already",
		},
		"an organization in capitals": {
			content: "credentials:\n- name: a\n  organizations: [" + strings.ToUpper(id) + "]\n" + good,
			want:    ":3:19: an id of organizations is",
		},
		"no credential in it": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n",
			want:    ":2:3: a credential needs either an apiKey or a serviceAccount",
		},
		"both": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n" + good +
				"  serviceAccount: {clientId: i, clientSecret: {env: A}}\n",
			want: ":2:3: a credential needs either",
		},
		"half": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p}\n",
			want:    `:4:11: an apiKey needs the key "privateKey"`,
		},
		"a secret in the file": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p, privateKey: hunter2}\n",
			want:    ":4:38: privateKey must not stand in this file",
		},
		"a secret in the file, too": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  serviceAccount: {clientId: p, clientSecret: hunter2}\n",
			want: ":4:47: clientSecret must not stand in this file",
		},
		"a secret by value": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  apiKey: {publicKey: p, privateKey: {value: hunter2}}\n",
			want: `:4:39: unknown key: privateKey can have env, file`,
		},
		"a secret in the place of its source": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p, privateKey: {hunter2}}\n",
			want:    ":4:39: unknown key: privateKey can have env, file",
		},
		"a secret twice in its place": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  apiKey: {publicKey: p, privateKey: {hunter2, hunter2}}\n",
			want: ":4:39: unknown key: privateKey can have env, file",
		},
		"a secret beside its key": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p, hunter2: }\n",
			want:    ":4:26: unknown key: an apiKey can have publicKey, privateKey",
		},
		"a secret in the place of a path": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  apiKey: {publicKey: p, privateKey: {file: hunter2}}\n",
			want: ":4:45: privateKey cannot be read (relative paths are below .): no such file",
		},
		"a secret like an alias": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p, privateKey: *hunter2}\n",
			want:    ":4:38: anchors and aliases are not taken",
		},
		"two places": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  apiKey: {publicKey: p, privateKey: {env: A, file: b}}\n",
			want: ":4:38: privateKey is either in a variable",
		},
		"a variable that is not set": {
			content: "credentials:\n- name: a\n  projects: [" + id + "]\n  apiKey: {publicKey: p, privateKey: {env: NOT_SET}}\n",
			want:    ":4:38: privateKey: the variable that it names is empty, or not set",
		},
		"a file that is not there": {
			content: "credentials:\n- name: a\n  projects: [" + id +
				"]\n  apiKey: {publicKey: p, privateKey: {file: /nowhere/at/all}}\n",
			want: ":4:45: privateKey cannot be read (relative paths are below .): no such file",
		},
		"a name twice": {
			content: "credentials:\n- {name: a, projects: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n- {name: a, organizations: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n",
			want: ":3:3: the name a stands",
		},
		"a project of two": {
			content: "credentials:\n- {name: a, projects: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n- {name: b, projects: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n",
			want: ":3:3: a project of this credential is of the credential a already",
		},
		"an organization of two": {
			content: "credentials:\n- {name: a, organizations: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n- {name: b, organizations: [" + id +
				"], apiKey: {publicKey: p, privateKey: {env: A}}}\n",
			want: ":3:3: an organization of this credential is of",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse("c.yaml", []byte(tt.content), func(name string) string {
				return map[string]string{"A": "hunter2"}[name]
			})
			if err == nil || !strings.HasPrefix(err.Error(), "c.yaml"+tt.want) || strings.Contains(err.Error(), "hunter2") ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestParse_readsSecretsFromVariablesAndFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), "from-a-file\r\n")
	for name, tt := range map[string]struct {
		entry string
		want  atlas.Credential
	}{
		"a variable": {
			entry: "apiKey: {publicKey: {env: P}, privateKey: {env: S}}",
			want:  atlas.APIKey{PublicKey: "from-env-P", PrivateKey: "from-env-S"},
		},
		"a file beside": {
			entry: "apiKey: {publicKey: plain, privateKey: {file: secret}}",
			want:  atlas.APIKey{PublicKey: "plain", PrivateKey: "from-a-file"},
		},
		"a file elsewhere": {
			entry: "serviceAccount: {clientId: {file: " + dir + "/secret}, clientSecret: {file: " + dir + "/secret}}",
			want:  atlas.ServiceAccount{ClientID: "from-a-file", ClientSecret: "from-a-file"},
		},
		"a service account": {
			entry: "serviceAccount: {clientId: id, clientSecret: {env: S}}",
			want:  atlas.ServiceAccount{ClientID: "id", ClientSecret: "from-env-S"},
		},
	} {
		got, err := parse(filepath.Join(dir, "c.yaml"),
			fmt.Appendf(nil, "credentials:\n- name: a\n  projects: [63f3484e1f3a9b27c6000001]\n  baseUrl: "+
				"https://cloud.mongodbgov.com\n  %s\n", tt.entry), func(name string) string { return "from-env-" + name })
		if err != nil || len(got) != 1 || got[0].credential != tt.want || got[0].baseURL != "https://cloud.mongodbgov.com" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestParse_tellsAnEmptyFileFromAnEmptyVariable(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), "\n")
	content := "credentials:\n- name: a\n  projects: [63f3484e1f3a9b27c6000001]\n  apiKey: {publicKey: p, privateKey: " +
		"{file: secret}}\n"
	_, err := parse(filepath.Join(dir, "c.yaml"), []byte(content), func(string) string { return "" })
	if err == nil || !strings.HasSuffix(err.Error(), ":4:38: privateKey: the file that it names is empty") {
		t.Errorf("got %v", err)
	}
}
