package contract

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/atlas-sdk/v20250312020/admin"
	"golang.org/x/oauth2"

	"atlas-restore-gateway/internal/atlassim"
)

// errorCase is a call that fails, and what the SDK makes of it.
type errorCase struct {
	name      string
	operation string
	options   []atlassim.Option
	arrange   func(*env)
	reader    bool // with the credential that may not see restore jobs
	at        func(*place)
	modifiers []admin.ClientModifier

	status     int
	code       string
	parameters []any
	fields     []string // of badRequestDetail
	header     map[string]string
}

const (
	getJob      = "getGroupServerlessBackupRestoreJob"
	listJobs    = "listGroupServerlessBackupRestoreJobs"
	getSnapshot = "getGroupServerlessBackupSnapshot"
)

var errorCases = []errorCase{
	{name: "a role that may not", operation: getJob, reader: true, status: 403, code: "USER_UNAUTHORIZED"},
	{name: "a role that may not list", operation: listJobs, reader: true, status: 403, code: "USER_UNAUTHORIZED"},
	{name: "no such project", operation: "getGroup", at: func(p *place) { p.groupID = absentID },
		status: 404, code: "GROUP_NOT_FOUND", parameters: []any{absentID}},
	{name: "no such instance", operation: "getGroupServerlessInstance", at: func(p *place) { p.clusterName = "nowhere" },
		status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND", parameters: []any{"nowhere", seedGroupID}},
	{name: "no such job", operation: getJob, at: func(p *place) { p.restoreJobID = absentID },
		status: 404, code: "RESTORE_JOB_NOT_FOUND", parameters: []any{absentID, atlassim.SeedClusterName}},
	{name: "no such snapshot", operation: getSnapshot, at: func(p *place) { p.snapshotID = absentID },
		status: 404, code: "SNAPSHOT_NOT_FOUND", parameters: []any{absentID, atlassim.SeedClusterName}},
	{name: "a job of another cluster", operation: getJob,
		at:     func(p *place) { p.groupID, p.clusterName = atlassim.SeedSecondGroupID, atlassim.SeedSecondClusterName },
		status: 404, code: "RESTORE_JOB_NOT_FOUND"},
	{name: "a malformed project id", operation: "getGroup", at: func(p *place) { p.groupID = malformedID },
		status: 400, code: "INVALID_GROUP_ID", parameters: []any{malformedID}},
	{name: "a malformed job id", operation: getJob, at: func(p *place) { p.restoreJobID = malformedID },
		status: 400, code: "PATH_PARAM_PARSE_ERROR"},
	{name: "a malformed snapshot id", operation: getSnapshot, at: func(p *place) { p.snapshotID = malformedID },
		status: 400, code: "PATH_PARAM_PARSE_ERROR"},
	{name: "a page that is too large", operation: listJobs, at: func(p *place) { p.itemsPerPage = new(501) },
		status: 400, code: "VALIDATION_ERROR", fields: []string{"itemsPerPage"}},
	{name: "page 0", operation: listJobs, at: func(p *place) { p.pageNum = new(0) },
		status: 400, code: "VALIDATION_ERROR", fields: []string{"pageNum"}},
	{name: "no version", operation: getJob, modifiers: []admin.ClientModifier{withAccept("application/json")},
		status: 406, code: "INVALID_VERSION_DATE"},
	{name: "the sunset", operation: getJob, arrange: func(e *env) { e.RetireServerless(true) },
		status: 410, code: "VERSION_GONE", header: map[string]string{"Sunset": "Thu, 15 Jan 2026 00:00:00 GMT"}},
	{name: "the sunset of snapshots", operation: getSnapshot, arrange: func(e *env) { e.RetireServerless(true) },
		status: 410, code: "VERSION_GONE"},
	{name: "an instance after the sunset", operation: "getGroupServerlessInstance",
		arrange: func(e *env) { e.RetireServerless(true) }, status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND"},
	{name: "the sunset as 404", operation: getJob, arrange: func(e *env) { e.RetireServerlessAs404(true) },
		status: 404, code: "RESOURCE_NOT_FOUND"},
	{name: "an empty bucket", operation: getJob, options: []atlassim.Option{atlassim.WithRateLimit(0, 500)},
		status: 429, code: "RATE_LIMITED_TOKEN_BUCKET",
		header: map[string]string{"Retry-After": "60", "RateLimit-Limit": "0", "RateLimit-Remaining": "0"}},
	{name: "an error of the server", operation: getJob, arrange: fault(atlassim.Fault{Status: 500}),
		status: 500, code: "UNEXPECTED_ERROR"},
	{name: "the list of addresses", operation: getJob, arrange: fault(atlassim.Fault{Status: 403}),
		status: 403, code: "IP_ADDRESS_NOT_ON_ACCESS_LIST"},
	{name: "an injected wait", operation: getJob, arrange: fault(atlassim.Fault{Status: 429, RetryAfter: "7"}),
		status: 429, code: "RATE_LIMITED_TOKEN_BUCKET", header: map[string]string{"Retry-After": "7"}},
}

// fault makes the API fail, and leaves the token endpoint alone.
func fault(f atlassim.Fault) func(*env) {
	f.PathContains = "/groups/"
	return func(e *env) { e.Inject(f) }
}

func TestSDK_readsEveryError(t *testing.T) {
	for _, c := range owners {
		for _, r := range slices.Concat(errorCases, tierErrorCases) {
			t.Run(r.name+"/"+c.name, func(t *testing.T) {
				e := newEnv(t, r.options...)
				got, err := e.provoke(t, c, r)
				failure, ok := admin.AsError(err)
				if !ok {
					t.Fatalf("no error of the API: %v", err)
				}
				if got.status != r.status || failure.Error != r.status || failure.ErrorCode != r.code {
					t.Errorf("got %d with %d %q, want %d %q: %v",
						got.status, failure.Error, failure.ErrorCode, r.status, r.code, err)
				}
				if r.code != "" && (failure.GetDetail() == "" || failure.GetReason() != http.StatusText(r.status)) {
					t.Errorf("reason %q, detail %q", failure.GetReason(), failure.GetDetail())
				}
				if code := got.header.Get("X-Error-Code"); code != r.code {
					t.Errorf("X-Error-Code is %q", code)
				}
				if diff := cmp.Diff(r.parameters, failure.GetParameters()); r.parameters != nil && diff != "" {
					t.Errorf("parameters (-want +got):\n%s", diff)
				}
				checkFields(t, failure, r.fields)
				for name, want := range r.header {
					if value := got.header.Get(name); value != want {
						t.Errorf("%s is %q, not %q", name, value, want)
					}
				}
			})
		}
	}
}

// refuse makes the call of a errorCase.
func (e *env) provoke(t *testing.T, c credential, r errorCase) (reply, error) {
	t.Helper()
	if r.reader {
		c = c.reader()
	}
	p := place{
		groupID: seedGroupID, clusterName: atlassim.SeedClusterName,
		restoreJobID: e.example(t, "succeeded").RestoreJobID, snapshotID: absentID,
	}
	if r.at != nil {
		r.at(&p)
	}
	client := e.sdk(t, c, r.modifiers...)
	if r.arrange != nil {
		r.arrange(e)
	}
	_, got, err := rowOf(t, r.operation).call(t.Context(), client, p)
	return got, err
}

func checkFields(t *testing.T, failure *admin.ApiError, want []string) {
	t.Helper()
	detail := failure.GetBadRequestDetail()
	got := make([]string, 0, len(want))
	for _, f := range detail.GetFields() {
		got = append(got, f.Field)
		if f.Description == "" {
			t.Errorf("the field %s has no description", f.Field)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("badRequestDetail names %q, not %q", got, want)
	}
}

// A wrong secret stops a key at the API and a service account at the token endpoint, whose errors are those of OAuth.
func TestSDK_failsWithTheWrongSecret(t *testing.T) {
	e := newEnv(t)
	ask := func(c credential) (reply, error) {
		c.private = "wrong"
		_, got, err := rowOf(t, "getSystemStatus").call(t.Context(), e.sdk(t, c), place{})
		return got, err
	}

	got, err := ask(ownerKey)
	failure, ok := admin.AsError(err)
	if !ok || got.status != http.StatusUnauthorized || failure.Error != got.status || failure.ErrorCode != "" {
		t.Errorf("by digest: %v", err)
	}

	_, err = ask(ownerAccount)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response.StatusCode != http.StatusUnauthorized ||
		refused.ErrorCode != "invalid_client" {
		t.Errorf("by oauth: %v", err)
	}
}

// A token that was taken back is refused by the API.
func TestSDK_failsWithARevokedToken(t *testing.T) {
	e := newEnv(t)
	client, ask := e.sdk(t, ownerAccount), rowOf(t, "getSystemStatus").call
	if _, _, err := ask(t.Context(), client, place{}); err != nil {
		t.Fatal(err)
	}
	e.RevokeTokens()
	_, got, err := ask(t.Context(), client, place{})
	if failure, ok := admin.AsError(err); !ok || got.status != http.StatusUnauthorized || failure.Error != got.status {
		t.Errorf("after RevokeTokens: %v", err)
	}
}

// An answer of HTML, from a load balancer, is an error with nothing in it for the SDK.
func TestSDK_failsWithHTML(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			client := e.sdk(t, c)
			e.Inject(atlassim.Fault{Status: http.StatusBadGateway, PathContains: "/restoreJobs/"})
			x := e.example(t, "succeeded")
			_, got, err := rowOf(t, getJob).call(t.Context(), client, placeOf(x))
			failure, ok := admin.AsError(err)
			if !ok || got.status != http.StatusBadGateway || got.header.Get("Content-Type") != "text/html" {
				t.Fatalf("%v", err)
			}
			if diff := cmp.Diff(&admin.ApiError{}, failure); diff != "" {
				t.Errorf("the SDK made something of HTML:\n%s", diff)
			}
		})
	}
}
