package authn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// authority is a certificate authority of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func makeAuthority() *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	a := &authority{key: key}
	a.cert = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign makes a certificate of the authority, for its own key; the first is its own.
func (a *authority) sign(template *x509.Certificate) *x509.Certificate {
	return a.issue(template, a.key)
}

// issue makes a certificate of the authority for a key.
func (a *authority) issue(template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore = time.Now().Add(-time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	parent := a.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), a.key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return cert
}

func (a *authority) client(change func(*x509.Certificate)) *x509.Certificate {
	template := &x509.Certificate{DNSNames: []string{"router.internal"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	change(template)
	return a.sign(template)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

func TestARouterProvesItselfByACertificateOfTheRightAuthorityAndName(t *testing.T) {
	ours, others := makeAuthority(), makeAuthority()
	spiffe, err := url.Parse("spiffe://example/router")
	if err != nil {
		t.Fatal(err)
	}
	roots := ours.pool()
	a, err := New(Config{Routers: &Routers{TLSNames: []string{"router.internal", "spiffe://example/router"}, Roots: func() *x509.CertPool { return roots }}})
	if err != nil {
		t.Fatal(err)
	}
	same := func(*x509.Certificate) {}
	tests := map[string]struct {
		cert *x509.Certificate
		want string
	}{
		"by its DNS name":        {ours.client(same), "router.internal"},
		"by its URI":             {ours.client(func(c *x509.Certificate) { c.DNSNames, c.URIs = nil, []*url.URL{spiffe} }), "spiffe://example/router"},
		"no certificate":         {nil, ""},
		"another authority":      {others.client(same), ""},
		"another name":           {ours.client(func(c *x509.Certificate) { c.DNSNames = []string{"router.internal.evil.example"} }), ""},
		"a wildcard":             {ours.client(func(c *x509.Certificate) { c.DNSNames = []string{"*.internal"} }), ""},
		"only the common name":   {ours.client(func(c *x509.Certificate) { c.DNSNames = nil; c.Subject = pkix.Name{CommonName: "router.internal"} }), ""},
		"a server's":             {ours.client(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), ""},
		"expired":                {ours.client(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), ""},
		"the authority's itself": {ours.cert, ""},
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
	// What stands between it and its authority comes with it, and no more is believed for that.
	between := makeAuthority()
	between.cert = ours.issue(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, between.key)
	foreign := makeAuthority()
	for issuer, want := range map[*authority]bool{between: true, foreign: false} {
		r := request(t)
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{issuer.client(same), issuer.cert}}
		if _, err := a.Authenticate(r); (err == nil) != want {
			t.Errorf("by an authority below ours, %t: %v", want, err)
		}
	}
	// The roots may change while a connection is open.
	r := request(t)
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{ours.client(same)}}
	if _, err := a.Authenticate(r); err != nil {
		t.Error(err)
	}
	for name, changed := range map[string]*x509.CertPool{"another authority": others.pool(), "nobody": nil} {
		roots = changed
		if _, err := a.Authenticate(r); err == nil {
			t.Errorf("with roots of %s the old certificate still counts", name)
		}
	}
	// Nor does one that the whole machine believes.
	roots = nil
	r.TLS.PeerCertificates = []*x509.Certificate{systemAuthority.client(same)}
	if _, err := a.Authenticate(r); err == nil {
		t.Error("without roots those of the system count")
	}
}

func TestRoutersNeedSomethingToProveThemselvesWith(t *testing.T) {
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
