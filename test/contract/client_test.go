package contract

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// clientCalls are the calls of the gateway's client, by the name of the method, and the operations that they are.
// TestEveryCallOfTheClientIsChecked says when one is missing.
var clientCalls = map[string]struct {
	operation string
	call      func(context.Context, *atlas.Client, atlassim.Example) (any, error)
}{
	"GetSystemStatus": {"getSystemStatus",
		func(ctx context.Context, c *atlas.Client, _ atlassim.Example) (any, error) {
			value, _, err := c.GetSystemStatus(ctx)
			return value, err
		}},
	"GetServerlessRestoreJob": {"getGroupServerlessBackupRestoreJob",
		func(ctx context.Context, c *atlas.Client, x atlassim.Example) (any, error) {
			value, _, err := c.GetServerlessRestoreJob(ctx, x.GroupID, x.ClusterName, x.RestoreJobID)
			return value, err
		}},
}

// Every method of the client that takes a context is a call, and has a row.
func TestEveryCallOfTheClientIsChecked(t *testing.T) {
	var methods []string
	client := reflect.TypeFor[*atlas.Client]()
	for m := range client.Methods() {
		if m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]() {
			methods = append(methods, m.Name)
		}
	}
	compareSets(t, "calls of the client", methods, slices.Collect(maps.Keys(clientCalls)))
}

// Every request that the client makes, with each credential and each way to ask, is one that the document defines:
// path, method, query, version and login. The values that come of it are those that the SDK reads.
func TestRequestsOfTheClientAreThoseOfTheDocument(t *testing.T) {
	e := newEnv(t)
	for name, credential := range map[string]atlas.Credential{
		"API key":         atlas.APIKey{PublicKey: ownerKey.public, PrivateKey: atlas.Secret(ownerKey.private)},
		"service account": atlas.ServiceAccount{ClientID: ownerAccount.public, ClientSecret: atlas.Secret(ownerAccount.private)},
		"access token":    atlas.AccessToken{Token: atlas.Secret(e.token(t, ownerAccount))},
	} {
		for _, envelope := range []bool{false, true} {
			for _, pretty := range []bool{false, true} {
				client, err := atlas.New(credential, atlas.WithBaseURL(e.url),
					atlas.WithEnvelope(envelope), atlas.WithPretty(pretty))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(client.Close)
				for method, c := range clientCalls {
					e.wire.reset()
					if _, err := c.call(t.Context(), client, e.example(t, "ready")); err != nil {
						t.Errorf("%s with %s, envelope %v, pretty %v: %v", method, name, envelope, pretty, err)
					}
					e.checkClientRequests(t, c.operation, envelope, pretty)
				}
			}
		}
	}
}

// checkClientRequests looks at what the client has sent since the last reset, its way to a token included.
func (e *env) checkClientRequests(t *testing.T, operation string, envelope, pretty bool) {
	t.Helper()
	calls := 0
	for _, x := range e.wire.all() {
		if x.request.URL.Path == oauthPath+"token" {
			continue
		}
		calls++
		id, problems := e.document.checkRequest(x)
		if id != operation || len(problems) > 0 {
			t.Errorf("%s %s is %s, not %s, with %q", x.request.Method, x.request.URL, id, operation, problems)
		}
		query := x.request.URL.Query()
		if (query.Get("envelope") == "true") != envelope || (query.Get("pretty") == "true") != pretty {
			t.Errorf("%s: envelope %v and pretty %v were asked for", x.request.URL, envelope, pretty)
		}
	}
	if calls == 0 {
		t.Error("the client asked nothing")
	}
}

// The client reads every job as the SDK reads it, in an envelope or not.
func TestClientReadsJobsAsTheSDKDoes(t *testing.T) {
	e := newEnv(t)
	sdk := e.sdk(t, ownerKey)
	for _, envelope := range []bool{false, true} {
		client, err := atlas.New(atlas.APIKey{PublicKey: ownerKey.public, PrivateKey: atlas.Secret(ownerKey.private)},
			atlas.WithBaseURL(e.url), atlas.WithEnvelope(envelope))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		for _, x := range e.Examples() {
			want := read[job](t, sdk, getJob, placeOf(x))
			got, _, err := client.GetServerlessRestoreJob(t.Context(), x.GroupID, x.ClusterName, x.RestoreJobID)
			if err != nil {
				t.Errorf("%s: %v", x.Label, err)
				continue
			}
			if fields := lost(t, written(t, want), got); len(fields) > 0 {
				t.Errorf("%s, envelope %v: client and SDK differ in %q", x.Label, envelope, fields)
			}
		}
	}
}

// written is a job as the SDK writes it, without the empty target that the SDK cannot leave out.
func written(t *testing.T, j *job) []byte {
	t.Helper()
	body, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(members, func(_ string, value any) bool { return value == "" })
	if body, err = json.Marshal(members); err != nil {
		t.Fatal(err)
	}
	return body
}
