package authn

import (
	"net/http"
	"strings"
	"testing"
)

func TestOIDC_endpointsAreThoseOfTheProvider(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		authorization, token string
		status               int
		want                 string // of the error
	}{
		{name: "both", authorization: "/authorize?tenant=1", token: "/token", status: http.StatusOK},
		{name: "no token endpoint", authorization: "/authorize", status: http.StatusOK, want: "token_endpoint must be"},
		{name: "the provider fails", authorization: "/authorize", token: "/token", status: 500, want: "status 500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTestProvider(t)
			p.set(func() {
				p.status = tt.status
				p.document["authorization_endpoint"] = p.URL + tt.authorization
				if tt.token != "" {
					p.document["token_endpoint"] = p.URL + tt.token
				}
			})
			authorization, token, err := newTestOIDC(t, p).Endpoints(t.Context())
			switch {
			case tt.want == "":
				if err != nil || authorization != p.URL+tt.authorization || token != p.URL+tt.token {
					t.Errorf("%q, %q, %v", authorization, token, err)
				}
			case err == nil || !strings.Contains(err.Error(), tt.want):
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOIDC_endpointsOfATLSProviderUseTLS(t *testing.T) {
	p := newTestProvider(t)
	o := newTestOIDC(t, p)
	o.issuer = "https://login.example.com"
	o.provider.found.Store(&discovery{
		AuthorizationEndpoint: "https://login.example.com/a", TokenEndpoint: "http://127.0.0.1/token",
	})
	if _, _, err := o.Endpoints(t.Context()); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("the error is %v", err)
	}
}
