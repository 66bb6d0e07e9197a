package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/secret"
)

// The client reads what the SDK reads, in an envelope or not: the same members with the same values. Of a resource of
// which the gateway serves a part this holds for that part.
func TestClient_readsWhatTheSDKReads(t *testing.T) {
	e := newEnv(t)
	places := e.placesOfCalls(t, e.token(t, ownerAccount))
	for envelope, client := range e.clients(t) {
		for method, c := range clientCalls {
			for _, p := range places[method] {
				e.compareReaders(t, client, envelope, c, p)
			}
		}
	}
}

// The client reads every job in every tier as the SDK reads it, before and after the migration.
func TestClient_readsJobsAsTheSDKDoes(t *testing.T) {
	e := newEnv(t)
	for envelope, client := range e.clients(t) {
		for _, retired := range []bool{false, true} {
			e.RetireServerless(retired)
			for _, x := range e.Examples() {
				e.compareReaders(t, client, envelope, callOf(getJobOf[x.Tier]), placeOf(x))
			}
		}
		e.RetireServerless(false)
	}
}

// The client reads every cluster of the project as the SDK reads it: sharded, a replica set and a Free one.
func TestClient_readsClustersAsTheSDKDoes(t *testing.T) {
	e := newEnv(t)
	clusters := e.page(t, ownerKey, rowOf(t, "listGroupClusters"), place{groupID: seedGroupID})
	if len(clusters.Results) < 3 {
		t.Fatalf("there are %d clusters", len(clusters.Results))
	}
	for envelope, client := range e.clients(t) {
		for _, k := range clusters.Results {
			e.compareReaders(t, client, envelope, callOf("getGroupCluster"), place{groupID: seedGroupID, clusterName: k.Name})
		}
	}
}

// clients are the gateway's client without and with envelopes.
func (e *env) clients(t *testing.T) map[bool]*atlas.Client {
	t.Helper()
	out := map[bool]*atlas.Client{}
	for _, envelope := range []bool{false, true} {
		client, err := atlas.New(atlas.APIKey{PublicKey: ownerKey.public, PrivateKey: secret.Text(ownerKey.private)},
			atlas.WithBaseURL(e.url), atlas.WithEnvelope(envelope))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		out[envelope] = client
	}
	return out
}

// compareReaders compares what the client and the SDK read of the same resource.
func (e *env) compareReaders(t *testing.T, client *atlas.Client, envelope bool, c clientCall, p place) {
	t.Helper()
	op := rowOf(t, c.operation)
	var modifiers []admin.ClientModifier
	// the links of a list repeat it; of anything else the envelope hides the resource from the SDK
	if envelope && op.list {
		modifiers = append(modifiers, withQuery("envelope", "true"))
	}
	want, _, err := op.call(t.Context(), e.sdk(t, ownerKey, modifiers...), p)
	if err != nil {
		t.Errorf("the SDK at %s of %+v: %v", c.operation, p, err)
		return
	}
	value, err := c.call(t.Context(), client, p)
	if err != nil {
		t.Errorf("the client at %s of %+v: %v", c.operation, p, err)
		return
	}
	got := wireForm(t, value)
	known := map[string]bool{}
	collectMembers(got, nil, known)
	fields := slices.DeleteFunc(lost(t, written(t, want), got), func(field string) bool {
		undocumented := deviationOf(finding{
			operation: c.operation, status: http.StatusOK, field: field, kind: undocumentedField,
		}) != nil
		return undocumented || (c.partial && !known[field])
	})
	if len(fields) > 0 {
		t.Errorf("%s of %+v: client and SDK differ in %q", c.operation, p, fields)
	}
}

// wireForm returns a value of the client with the names of the API. Page has no JSON names.
func wireForm(t *testing.T, value any) map[string]any {
	t.Helper()
	members := asMembers(t, value)
	delete(members, "Op") // the client's own
	for _, name := range []string{"Results", "TotalCount", "Links"} {
		if member, ok := members[name]; ok {
			delete(members, name)
			members[strings.ToLower(name[:1])+name[1:]] = member
		}
	}
	return members
}

func asMembers(t *testing.T, value any) map[string]any {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// written returns a value of the SDK as JSON, without the empty strings that the SDK cannot leave out.
func written(t *testing.T, value any) []byte {
	t.Helper()
	members := asMembers(t, value)
	dropEmpty(members)
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func dropEmpty(value any) {
	switch v := value.(type) {
	case map[string]any:
		maps.DeleteFunc(v, func(_ string, member any) bool { return member == "" })
		for _, member := range v {
			dropEmpty(member)
		}
	case []any:
		for _, item := range v {
			dropEmpty(item)
		}
	}
}
