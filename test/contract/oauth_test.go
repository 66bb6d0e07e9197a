package contract

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/secret"
)

// The document describes the token endpoint by its address only; what it answers is RFC 6749, section 5.
func TestTokenEndpoint_isAtTheDocumentedURL(t *testing.T) {
	e := newEnv(t)
	scheme := e.document.Components.SecuritySchemes["ServiceAccounts"]
	if scheme == nil || scheme.Value.Flows == nil || scheme.Value.Flows.ClientCredentials == nil {
		t.Fatal("the document has no service accounts any more")
	}
	documented, err := url.Parse(scheme.Value.Flows.ClientCredentials.TokenURL)
	if err != nil {
		t.Fatal(err)
	}
	token := e.token(t, ownerAccount)
	x := e.wire.last(t)
	if x.request.URL.Path != documented.Path {
		t.Errorf("the token comes from %s, and the document says %s", x.request.URL.Path, documented.Path)
	}
	var answer map[string]any
	if err := json.Unmarshal(x.body, &answer); err != nil {
		t.Fatal(err)
	}
	if answer["token_type"] != "Bearer" || answer["expires_in"] != 3600.0 || answer["access_token"] != token ||
		len(answer) != 3 {
		t.Errorf("the answer is %s", x.body)
	}
	if got := x.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
}

// The gateway's client asks for a token as the document and RFC 6749, section 4.4.2, want it.
func TestClient_requestsATokenAsDocumented(t *testing.T) {
	e := newEnv(t)
	client, err := atlas.New(
		atlas.ServiceAccount{ClientID: ownerAccount.public, ClientSecret: secret.Text(ownerAccount.private)},
		atlas.WithBaseURL(e.url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	if _, err := client.GetSystemStatus(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := e.wire.all()[0]
	user, password, ok := first.request.BasicAuth()
	if first.request.Method != http.MethodPost || first.request.URL.String() != oauthPath+"token" ||
		!ok || user != ownerAccount.public || password != ownerAccount.private ||
		!strings.HasPrefix(first.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") ||
		first.status != http.StatusOK {
		t.Errorf("%s %s by %q: %d", first.request.Method, first.request.URL, user, first.status)
	}
}

// Errors of the token endpoint are those of RFC 6749, section 5.2, and not of the API.
func TestTokenEndpoint_hasTheErrorsOfOAuth(t *testing.T) {
	e := newEnv(t, atlassim.WithServiceAccount("mdb_sa_id_other", "mdb_sa_sk_other", atlassim.ProjectOwner))
	for _, tt := range []struct {
		name, id, secret, form string
		status                 int
		code                   string
	}{
		{
			name: "a wrong secret", id: ownerAccount.public, secret: "wrong", form: "grant_type=client_credentials", status: 401,
			code: "invalid_client",
		},
		{
			name: "an unknown account", id: "unknown", secret: "wrong", form: "grant_type=client_credentials", status: 401,
			code: "invalid_client",
		},
		{
			name: "no grant", id: ownerAccount.public, secret: ownerAccount.private, form: "", status: 400,
			code: "invalid_request",
		},
		{
			name: "another grant", id: ownerAccount.public, secret: ownerAccount.private, form: "grant_type=password",
			status: 400, code: "unsupported_grant_type",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+oauthPath+"token",
				strings.NewReader(tt.form))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(tt.id, tt.secret)
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			status, body := send(t, req)
			var failure struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
			}
			if err := json.Unmarshal(body, &failure); err != nil {
				t.Fatal(err)
			}
			if status != tt.status || failure.Error != tt.code || failure.Description == "" {
				t.Errorf("%d %s", status, body)
			}
		})
	}
}

// A failure of the token endpoint is an error of OAuth, which both clients read.
func TestTokenEndpoint_hasInjectedErrorsOfOAuth(t *testing.T) {
	for _, tt := range []struct {
		fault  atlassim.Fault
		status int
		code   string
		kind   atlas.Kind
	}{
		{fault: atlassim.Fault{Status: 400}, status: 400, code: "invalid_request", kind: atlas.KindCredential},
		{fault: atlassim.Fault{Status: 401}, status: 401, code: "invalid_client", kind: atlas.KindCredential},
		{
			fault: atlassim.Fault{Status: 403, ErrorCode: "unauthorized_client"}, status: 403, code: "unauthorized_client",
			kind: atlas.KindCredential,
		},
		{
			fault: atlassim.Fault{Status: 429, RetryAfter: "7"}, status: 429, code: "too_many_requests",
			kind: atlas.KindAnswered,
		},
		{fault: atlassim.Fault{Status: 500}, status: 500, code: "server_error", kind: atlas.KindAnswered},
		// A page, and not the API's word.
		{fault: atlassim.Fault{Status: 502}, status: 502, code: "", kind: atlas.KindMalformed},
	} {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			e := newEnv(t)
			tt.fault.PathContains = oauthPath
			e.Inject(tt.fault)

			_, _, err := rowOf(t, "getSystemStatus").call(t.Context(), e.sdk(t, ownerAccount), place{})
			var refused *oauth2.RetrieveError
			if !errors.As(err, &refused) || refused.Response.StatusCode != tt.status || refused.ErrorCode != tt.code {
				t.Errorf("the SDK: %v", err)
			}

			client, err := atlas.New(
				atlas.ServiceAccount{ClientID: ownerAccount.public, ClientSecret: secret.Text(ownerAccount.private)},
				atlas.WithBaseURL(e.url), atlas.WithEnvelope(true), atlas.WithPretty(true))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(client.Close)
			_, err = client.GetSystemStatus(t.Context())
			var failure *atlas.Error
			if !errors.As(err, &failure) || failure.Status != tt.status || failure.Kind != tt.kind ||
				(failure.RetryAfter > 0) != (tt.fault.RetryAfter != "") {
				t.Errorf("the client: %v", err)
			}
		})
	}
}
