package authn

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/http"
	"net/url"
	"testing"
	"time"

	"atlas-restore-gateway/internal/test/certs"
)

// routerOf returns the certificate of a router with a change.
func routerOf(authority *certs.Issued, change func(*x509.Certificate)) *x509.Certificate {
	template := x509.Certificate{DNSNames: []string{"router.internal"}}
	change(&template)
	return authority.Client(template).Cert
}

func TestRouters_authenticateByACertificateOfTheAuthorityAndName(t *testing.T) {
	ours, others := certs.Authority(), certs.Authority()
	spiffe, err := url.Parse("spiffe://example/router")
	if err != nil {
		t.Fatal(err)
	}
	roots := ours.Pool()
	a, err := New(Config{
		Routers: &Routers{
			TLSNames: []string{"router.internal", "spiffe://example/router"}, Roots: func() *x509.CertPool { return roots },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	same := func(*x509.Certificate) {}
	tests := map[string]struct {
		cert *x509.Certificate
		want string
	}{
		"by its DNS name": {cert: routerOf(ours, same), want: "router.internal"},
		"by its URI": {
			cert: routerOf(ours, func(c *x509.Certificate) { c.DNSNames, c.URIs = nil, []*url.URL{spiffe} }),
			want: "spiffe://example/router",
		},
		"no certificate":    {},
		"another authority": {cert: routerOf(others, same)},
		"another name": {
			cert: routerOf(ours, func(c *x509.Certificate) { c.DNSNames = []string{"router.internal.evil.example"} }),
		},
		"a wildcard": {cert: routerOf(ours, func(c *x509.Certificate) { c.DNSNames = []string{"*.internal"} })},
		"only the common name": {
			cert: routerOf(ours, func(c *x509.Certificate) {
				c.DNSNames = nil
				c.Subject = pkix.Name{CommonName: "router.internal"}
			}),
		},
		"a server's": {cert: ours.Server(x509.Certificate{DNSNames: []string{"router.internal"}}).Cert},
		"expired": {
			cert: routerOf(ours, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }),
		},
		"the authority's itself": {cert: ours.Cert},
	}
	for name, tt := range tests {
		r := request(t)
		r.TLS = &tls.ConnectionState{}
		if tt.cert != nil {
			r.TLS.PeerCertificates = []*x509.Certificate{tt.cert}
		}
		c, err := a.Authenticate(r)
		if tt.want == "" && err == nil || tt.want != "" && (err != nil || c.Router != tt.want) {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	// Intermediate certificates of the client are used and are no roots.
	for issuer, want := range map[*certs.Issued]bool{ours.Authority(): true, certs.Authority(): false} {
		r := request(t)
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{routerOf(issuer, same), issuer.Cert}}
		if _, err := a.Authenticate(r); (err == nil) != want {
			t.Errorf("by an authority below ours, %t: %v", want, err)
		}
	}
	// The roots can change while a connection is open.
	r := request(t)
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{routerOf(ours, same)}}
	if _, err := a.Authenticate(r); err != nil {
		t.Error(err)
	}
	for name, changed := range map[string]*x509.CertPool{"another authority": others.Pool(), "nobody": nil} {
		roots = changed
		if _, err := a.Authenticate(r); err == nil {
			t.Errorf("with roots of %s the old certificate still counts", name)
		}
	}
	// Nor does an authority of the system.
	roots = nil
	r.TLS.PeerCertificates = []*x509.Certificate{routerOf(systemAuthority, same)}
	if _, err := a.Authenticate(r); err == nil {
		t.Error("without roots those of the system count")
	}
}

func TestNewRouters_rejectsRoutersThatCannotAuthenticate(t *testing.T) {
	if _, err := NewRouters(Routers{}); err == nil {
		t.Error("routers with nothing")
	}
	if _, err := NewRouters(Routers{TLSNames: []string{"a"}}); err == nil {
		t.Error("certificates without roots")
	}
	if _, err := NewRouters(Routers{TLSNames: []string{"a", ""}, Roots: func() *x509.CertPool { return nil }}); err == nil {
		t.Error("a certificate with an empty name")
	}
	if _, err := NewRouters(Routers{Secrets: newTestTokens(t, "routers", "a")}); err != nil {
		t.Error(err)
	}
}

func request(t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080/graphql", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.RemoteAddr = "10.1.2.3:4567"
	return r
}
