package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/audit"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loader"
)

// may is what a caller may do in each project.
type may struct{ jobs, downloads map[string]bool }

func in2(a, b bool) map[string]bool { return map[string]bool{projectA: a, projectB: b} }

// matrixCallers are the callers of the matrix: rules of the policy, and, by themselves,
// what these must come to.
var matrixCallers = map[string]struct {
	rules []string // projects: permissions
	may   may
}{
	"no rule": {rules: nil, may: may{jobs: in2(false, false), downloads: in2(false, false)}},
	"jobs of A": {
		rules: []string{"[" + projectA + "]: [jobs:read]"}, may: may{jobs: in2(true, false), downloads: in2(false, false)},
	},
	"downloads of A": {
		rules: []string{"[" + projectA + "]: [jobs:read, downloads:read]"},
		may:   may{jobs: in2(true, false), downloads: in2(true, false)},
	},
	"jobs of B": {
		rules: []string{"[" + projectB + "]: [jobs:read]"}, may: may{jobs: in2(false, true), downloads: in2(false, false)},
	},
	"jobs of A, downloads of B": {
		rules: []string{"[" + projectA + "]: [jobs:read]", "[" + projectB + "]: [jobs:read, downloads:read]"},
		may:   may{jobs: in2(true, true), downloads: in2(false, true)},
	},
	"all jobs": {
		rules: []string{"all: [jobs:read]"}, may: may{jobs: in2(true, true), downloads: in2(false, false)},
	},
	"all jobs, downloads of A": {
		rules: []string{"all: [jobs:read]", "[" + projectA + "]: [jobs:read, downloads:read]"},
		may:   may{jobs: in2(true, true), downloads: in2(true, false)},
	},
	"everything": {
		rules: []string{"all: [jobs:read, downloads:read]"}, may: may{jobs: in2(true, true), downloads: in2(true, true)},
	},
	"a project that is not there": {
		rules: []string{"[cccccccccccccccccccccccc]: [jobs:read, downloads:read]"},
		may:   may{jobs: in2(false, false), downloads: in2(false, false)},
	},
	"another caller may do anything": {
		rules: []string{"all: [jobs:read, downloads:read]"}, may: may{jobs: in2(false, false), downloads: in2(false, false)},
	},
}

// policyOf is the policy for the caller with the token t, or for another.
func policyOf(t *testing.T, forbidden, token string, rules ...string) *authz.PolicyFile {
	t.Helper()
	var text strings.Builder
	text.WriteString("forbidden: " + forbidden +
		"\nrules:\n- {subject: {token: nobody}, projects: all, permissions: [jobs:read]}\n")
	for _, rule := range rules {
		projects, permissions, _ := strings.Cut(rule, ": ")
		fmt.Fprintf(&text, "- {subject: {token: %s}, projects: %s, permissions: %s}\n", token, projects, permissions)
	}
	p, err := authz.ParsePolicy("policy.yaml", []byte(text.String()), authz.AuthMethods{
		Methods: []authz.Method{authz.Token}, Tokens: []string{"t", "other", "nobody"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return authz.StaticPolicy(p)
}

// callerOfHeader takes the name of the token out of a header.
func callerOfHeader(r *http.Request) (*authz.Caller, error) {
	name := r.Header.Get("X-Test-Caller")
	if name == "" {
		return nil, &authz.Error{Kind: authz.Unauthenticated, Message: "who calls?", Challenge: "Bearer"}
	}
	return &authz.Caller{Method: authz.Token, Token: name}, nil
}

func newGuarded(t *testing.T, reader loader.Reader, policy *authz.PolicyFile, auditLog io.Writer) *Gateway {
	t.Helper()
	gw, err := New(Config{
		Reader: reader, Logger: slog.New(slog.DiscardHandler),
		// To ask for everything is more than one operation may.
		WarnLimits: true,
		Access:     &Access{Authenticate: callerOfHeader, Policy: policy, Audit: audit.New(auditLog)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return gw
}

// askAs sends a query as the caller.
func askAs(t *testing.T, gw http.Handler, caller, query string) result {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Test-Caller", caller)
	w := httptest.NewRecorder()
	gw.ServeHTTP(w, r)
	out := result{Status: w.Code, Header: w.Header(), Raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v: %s", err, out.Raw)
	}
	return out
}

// data is the data of an answer: as text, and its fields.
func (r result) data(t *testing.T) (string, []answered) {
	t.Helper()
	text, err := json.Marshal(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return string(text), fieldsOf(value, nil)
}

// peopleFields are the fields that say who people are, which no caller of the matrix may read.
var peopleFields = map[string]bool{
	"RestoreEvent.username": true, "RestoreEvent.publicKey": true, "RestoreEvent.remoteAddress": true,
	"RestoreEvent.delegatePrincipals": true, "BackupCompliancePolicy.updatedUser": true,
	"BackupCompliancePolicy.authorizedEmail": true, "BackupCompliancePolicy.authorizedUserFirstName": true,
	"BackupCompliancePolicy.authorizedUserLastName": true,
}

// downloadFields are the fields that give download URLs.
var downloadFields = map[string]bool{
	"ServerlessRestoreJob.deliveryUrl": true, "FlexRestoreJob.deliveryUrl": true, "DedicatedRestoreJob.deliveryUrl": true,
	"FlexRestoreJob.snapshotUrl": true, "RestoreJobComponent.downloadUrl": true, "PrivateDownloadUrl.deliveryUrl": true,
}

// TestPermissionMatrix_fullPermissionsReachEveryField holds that the walk of the other tests leaves
// nothing out: a new field has to be filled in rich, and is walked then.
func TestPermissionMatrix_fullPermissionsReachEveryField(t *testing.T) {
	w := newSchemaWalk()
	gw := newGuarded(t, &fullReader{}, policyOf(t, "hide", "t", "all: [jobs:read, downloads:read, people:read]"), io.Discard)
	reached := make(map[string]bool)
	for name, query := range w.queries(projectA) {
		r := askAs(t, gw, "t", query)
		for _, e := range r.Errors {
			if e.Extensions["clusterName"] == nil { // rich's one part that cannot be read
				t.Errorf("%s: %v", name, e)
			}
		}
		_, all := r.data(t)
		for _, f := range all {
			if f.isThere() {
				reached[f.typename+"."+f.field] = true
			}
		}
	}
	for _, field := range w.fields() {
		if !reached[field] && !alwaysNull[field] {
			t.Errorf("%s is never reached: fill it in rich", field)
		}
	}
	for field := range downloadFields {
		if !slices.Contains(w.fields(), field) {
			t.Errorf("there is no %s", field)
		}
	}
}

// alwaysNull are fields of an interface that one of its types does not have.
var alwaysNull = map[string]bool{
	"CollectionRestoreJob.deliveryType": true, "CollectionRestoreJob.deliveryUrl": true,
	"CollectionRestoreJob.expiresAt": true, "CollectionRestoreJob.failed": true, "CollectionRestoreJob.timestamp": true,
}

// TestPermissionMatrix asks for everything on every path, as every
// caller, and wants to see what the caller may see and nothing else.
func TestPermissionMatrix(t *testing.T) {
	t.Parallel()
	w := newSchemaWalk()
	for name, caller := range matrixCallers {
		for _, forbidden := range []string{"hide", "show"} {
			t.Run(name+"/"+forbidden, func(t *testing.T) {
				t.Parallel()
				token := "t"
				if name == "another caller may do anything" {
					token = "other"
				}
				reader, audit, before := &fullReader{}, &lockedBuffer{}, 0
				gw := newGuarded(t, reader, policyOf(t, forbidden, token, caller.rules...), audit)
				for _, project := range []string{projectA, projectB} {
					for path, query := range w.queries(project) {
						t.Run(project[:1]+"/"+path, func(t *testing.T) {
							reader.read, before = nil, len(audit.String())
							r := askAs(t, gw, "t", query)
							checkCell(t, cell{may: caller.may, project: project, path: path, forbidden: forbidden}, r, reader,
								audit.String()[before:])
						})
					}
				}
			})
		}
	}
}

// cell is one cell of the matrix.
type cell struct {
	may             may
	project         string
	path, forbidden string
}

func checkCell(t *testing.T, c cell, r result, reader *fullReader, audit string) {
	t.Helper()
	data, all := r.data(t)
	for _, project := range []string{projectA, projectB} {
		if !c.may.jobs[project] && (strings.Contains(data, dataOf(project)) || reader.read[project]) {
			t.Errorf("the caller sees of %s: %s", project[:1], data)
		}
		if !c.may.downloads[project] && strings.Contains(r.Raw, urlOf(project)) {
			t.Errorf("the caller sees download URLs of %s", project[:1])
		}
	}
	if strings.Contains(audit, "url-of") || strings.Contains(audit, "data-of") {
		t.Errorf("the audit log holds what was read: %s", audit)
	}
	if c.path == "projects" || c.path == "organizations" {
		for _, project := range []string{projectA, projectB} {
			if c.may.jobs[project] != strings.Contains(data, dataOf(project)) {
				t.Errorf("the project %s: %s", project[:1], data)
			}
		}
		return
	}
	if !c.may.jobs[c.project] {
		checkDenied(t, c, r, data)
		return
	}
	if !strings.Contains(data, dataOf(c.project)) {
		t.Errorf("the caller does not see what they may: %s", r.Raw)
	}
	codes := r.codes()
	reads := 0
	for _, f := range all {
		at := fmt.Sprint(f.path)
		switch {
		case downloadFields[f.typename+"."+f.field] && c.may.downloads[projectOf(f, c.project)]:
			reads++
			if !f.isThere() || codes[at] != "" {
				t.Errorf("%s is %v, %q", at, f.value, codes[at])
			}
		case downloadFields[f.typename+"."+f.field]:
			if f.value != nil || codes[at] != "FORBIDDEN" {
				t.Errorf("%s is %v, %q", at, f.value, codes[at])
			}
		case peopleFields[f.typename+"."+f.field]:
			if f.value != nil || codes[at] != "FORBIDDEN" {
				t.Errorf("%s is %v, %q", at, f.value, codes[at])
			}
		case f.field == "targetCluster":
			// It leads to the other project.
			may := c.may.jobs[projectOf(f, c.project)]
			if f.isThere() != may || (codes[at] == "FORBIDDEN") != (!may && c.forbidden == "show") {
				t.Errorf("%s is %v, %q", at, f.value, codes[at])
			}
		}
	}
	if lines := strings.Count(audit, "\n"); lines != reads {
		t.Errorf("%d reads and %d lines in the audit log", reads, lines)
	}
}

func isOrganization(path string) bool {
	return path == "organization" || path == "_entities AtlasOrganization"
}

// projectOf is the project that a field is of: a link to a target leads to the other.
func projectOf(f answered, asked string) string {
	for _, step := range f.path {
		if step == "targetCluster" {
			asked = otherProject(asked)
		}
	}
	return asked
}

// checkDenied wants the answer of a project that is not there, or one that says that it is
// forbidden.
func checkDenied(t *testing.T, c cell, r result, data string) {
	t.Helper()
	if strings.Contains(data, "data-of") || len(r.Errors) != 1 {
		t.Fatalf("got %s", r.Raw)
	}
	err := r.Errors[0]
	// An organization is one of those of the projects that the caller may read, or looks like a missing one.
	if c.forbidden == "show" && !isOrganization(c.path) {
		if err.Extensions["code"] != "FORBIDDEN" {
			t.Errorf("got %s", r.Raw)
		}
		return
	}
	wantCode := "GROUP_NOT_FOUND"
	if isOrganization(c.path) {
		wantCode = "ORG_NOT_FOUND"
	}
	if err.Extensions["code"] != "NOT_FOUND" || err.Extensions["errorCode"] != wantCode {
		t.Errorf("got %s", r.Raw)
	}
}

func TestPermissionMatrix_withoutPermissionsNoPathHasData(t *testing.T) {
	reader := &fullReader{}
	gw := newGuarded(t, reader, authz.StaticPolicy(authz.AllowAll()), io.Discard)
	queries := maps.Clone(newSchemaWalk().queries(projectA))
	queries["introspection"] = "{ __schema { types { name } } }"
	queries["service"] = "{ _service { sdl } }"
	queries["nonsense"] = "{ nonsense"
	for path, query := range queries {
		r := askAs(t, gw, "", query)
		if r.Status != http.StatusUnauthorized || r.Data != nil || len(r.Errors) != 1 ||
			r.Errors[0].Extensions["code"] != "UNAUTHENTICATED" || r.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s", path, r.Status, r.Raw)
		}
	}
	if len(reader.read) > 0 {
		t.Errorf("%v was read", reader.read)
	}
}
