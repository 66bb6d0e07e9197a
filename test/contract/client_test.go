package contract

import (
	"slices"
	"testing"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/secret"
)

// requestDeviation is a known difference between a request of the client and the document.
type requestDeviation struct {
	operations []string
	problem    string // as checkRequest says it
	reason     string
}

var requestDeviations = []requestDeviation{
	{operations: []string{getSnapshot, getFlexSnapshot}, problem: "query parameter pretty is not documented",
		reason: "the document gives pretty to every operation beside these two, and so does the client; that Atlas ignores " +
			"a " +
			"query parameter which it does not know, or knows this one here too, is inferred"},
}

// Every operation of the client has a row.
func TestClient_hasACheckForEveryCall(t *testing.T) {
	var operations []string
	for _, op := range atlas.Operations() {
		if _, checked := fragmentRows[op.Name]; !checked {
			operations = append(operations, op.Name)
		}
	}
	called := make([]string, 0, len(clientCalls))
	for _, c := range clientCalls {
		called = append(called, c.operation)
	}
	compareSets(t, "operations of the client", operations, called)
	compareSets(t, "operations that the client calls", called, rowIDs())
}

// The document defines every request of the client, with each credential and each option: path, method, query, version
// and credential. The client reads the same values as the SDK.
func TestClient_sendsDocumentedRequests(t *testing.T) {
	e := newEnv(t)
	token := e.token(t, ownerAccount)
	places := e.placesOfCalls(t, token)
	unused := unusedRequestDeviations()
	for name, credential := range map[string]atlas.Credential{
		"API key": atlas.APIKey{PublicKey: ownerKey.public, PrivateKey: secret.Text(ownerKey.private)},
		"service account": atlas.ServiceAccount{
			ClientID: ownerAccount.public, ClientSecret: secret.Text(ownerAccount.private),
		},
		"access token": atlas.AccessToken{Token: secret.Text(token)},
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
					for _, p := range places[method] {
						e.wire.reset()
						if _, err := c.call(t.Context(), client, p); err != nil {
							t.Errorf("%s with %s, envelope %v, pretty %v: %v", method, name, envelope, pretty, err)
						}
						e.checkClientRequests(t, c.operation, envelope, pretty, unused)
					}
				}
			}
		}
	}
	for deviation := range unused {
		t.Errorf("listed, and the client does not do it any more: %s", deviation)
	}
}

// placesOfCalls returns for each method arguments of an existing resource. A list is requested without a page, and with
// the smallest and the largest page.
func (e *env) placesOfCalls(t *testing.T, token string) map[string][]place {
	t.Helper()
	places := map[string][]place{}
	for method, c := range clientCalls {
		op := rowOf(t, c.operation)
		p := e.somewhere(t, op, token)
		places[method] = []place{p}
		if op.paged() {
			small, large := p, p
			small.pageNum, small.itemsPerPage = new(1), new(1)
			large.pageNum, large.itemsPerPage = new(2), new(500)
			places[method] = append(places[method], small, large)
		}
	}
	return places
}

// unusedRequestDeviations returns all deviations, by operation and problem.
func unusedRequestDeviations() map[string]bool {
	all := map[string]bool{}
	for _, d := range requestDeviations {
		for _, operation := range d.operations {
			all[operation+": "+d.problem] = true
		}
	}
	return all
}

// checkClientRequests checks the requests of the client since the last reset, also those for a token, and removes the
// deviations that it finds from the unused ones.
func (e *env) checkClientRequests(t *testing.T, operation string, envelope, pretty bool, unused map[string]bool) {
	t.Helper()
	calls := 0
	listed := unusedRequestDeviations()
	for _, x := range e.wire.all() {
		if x.request.URL.Path == oauthPath+"token" {
			continue
		}
		calls++
		id, problems := e.document.checkRequest(x)
		problems = slices.DeleteFunc(problems, func(problem string) bool {
			delete(unused, id+": "+problem)
			return listed[id+": "+problem]
		})
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
