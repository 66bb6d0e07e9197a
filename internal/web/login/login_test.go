package login

import "testing"

func TestMethods_connectSourcesNameTheTokenEndpointAlone(t *testing.T) {
	for _, tt := range []struct {
		name     string
		provider *Provider
		want     string
	}{
		{name: "no provider", want: "'self'"},
		{
			name:     "a provider",
			provider: &Provider{AuthorizationEndpoint: "https://a.example/auth", TokenEndpoint: "https://t.example/token"},
			want:     "'self' https://t.example/token",
		},
		{
			name:     "a token endpoint that ends the directive",
			provider: &Provider{TokenEndpoint: "https://t.example/token;script-src *"}, want: "'self'",
		},
		{
			name: "a token endpoint with a query", provider: &Provider{TokenEndpoint: "https://t.example/token?tenant=1"},
			want: "'self' https://t.example/token",
		},
		{name: "a token endpoint with a space", provider: &Provider{TokenEndpoint: "https://t.example *"}, want: "'self'"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Methods{Provider: tt.provider}).ConnectSources(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
