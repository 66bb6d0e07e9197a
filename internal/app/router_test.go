package app

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/test/certs"
)

func TestRun_authenticatesARouterByItsCertificateOrItsSecret(t *testing.T) {
	authority, clients := certs.Authority(), certs.Authority()
	server := authority.Server(x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}})
	router := clients.Client(x509.Certificate{DNSNames: []string{"router.internal"}})
	other := clients.Client(x509.Certificate{DNSNames: []string{"other.internal"}})
	f := folder(t.TempDir())
	secret, entry := newToken(t, "supergraph")
	policy := f.write(t, "policy.yaml",
		"rules:\n- subject: {method: router, claims: {groups: shop}}\n  projects: all\n  permissions: [jobs:read]\n")
	p := start(t, nil, "--demo", "--auth=router", "--policy="+policy,
		"--router-file="+f.write(t, "routers.yaml", "routers:\n"+entry),
		"--router-tls-names=router.internal", "--router-from=127.0.0.0/8",
		"--tls-cert="+f.write(t, "cert.pem", server.CertPEM()), "--tls-key="+f.write(t, "key.pem", server.KeyPEM()),
		"--tls-client-ca="+f.write(t, "ca.pem", clients.CertPEM()))
	client := func(certs ...tls.Certificate) *http.Client {
		transport := &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), Certificates: certs}, ForceAttemptHTTP2: true,
		}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	const alice, bob = authn.CallerHeader + `: {"sub":"alice","groups":["shop"]}`, authn.CallerHeader + `: {"sub":"bob"}`
	p.query(t, client(), projectQuery).want(t, "nobody", 401, "answers the supergraph's router")
	p.query(t, client(), projectQuery, alice).want(t, "who says it without proof", 401, "only the supergraph's router")
	p.query(t, client(other.TLS()), projectQuery, alice).want(t, "another certificate", 401,
		"only the supergraph's router")
	p.query(t, client(router.TLS()), projectQuery, alice).want(t, "by certificate", 200, `"Storefront"`)
	p.query(t, client(router.TLS()), projectQuery, bob).want(t, "by certificate, for somebody else", 200,
		"GROUP_NOT_FOUND")
	p.query(t, client(), projectQuery, alice, authn.RouterSecretHeader+": "+secret).want(t, "by secret", 200,
		`"Storefront"`)
	p.query(t, client(), projectQuery, alice, authn.RouterSecretHeader+": "+secret[1:]).want(t, "by another secret", 401,
		"only the supergraph's router")
	if p.output.waitFor(regexp.MustCompile(`caller=router:router.internal/alice`)) == nil {
		t.Error("the log does not name the caller")
	}
	if err := p.stop(); err != nil {
		t.Error(err)
	}
	if strings.Contains(p.output.String(), secret) {
		t.Error("the output shows the secret")
	}
}
