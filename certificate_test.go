package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/authn"
)

// issued is a certificate and its key in PEM.
type issued struct {
	cert     *x509.Certificate
	key      *ecdsa.PrivateKey
	certPEM  string
	keyPEM   string
	asClient tls.Certificate
}

// issue makes a certificate; without an issuer it is an authority's own.
func issue(t *testing.T, by *issued, template x509.Certificate) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := &template, key
	if by != nil {
		parent, signer = by.cert, by.key
	} else {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return &issued{
		cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})), tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
	}
}

func TestARouterIsBelievedByItsCertificateOrItsSecret(t *testing.T) {
	authority, clients := issue(t, nil, x509.Certificate{}), issue(t, nil, x509.Certificate{})
	server := issue(t, authority, x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	forClients := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	router := issue(t, clients, x509.Certificate{DNSNames: []string{"router.internal"}, ExtKeyUsage: forClients})
	other := issue(t, clients, x509.Certificate{DNSNames: []string{"other.internal"}, ExtKeyUsage: forClients})
	f := folder(t.TempDir())
	secret, entry := newToken(t, "supergraph")
	policy := f.write(t, "policy.yaml", "rules:\n- subject: {method: router, claims: {groups: shop}}\n  projects: all\n  permissions: [jobs:read]\n")
	p := start(t, nil, "--demo", "--auth=router", "--policy="+policy, "--router-file="+f.write(t, "routers.yaml", "routers:\n"+entry),
		"--router-tls-names=router.internal", "--router-from=127.0.0.0/8",
		"--tls-cert="+f.write(t, "cert.pem", server.certPEM), "--tls-key="+f.write(t, "key.pem", server.keyPEM), "--tls-client-ca="+f.write(t, "ca.pem", clients.certPEM))
	roots := x509.NewCertPool()
	roots.AddCert(authority.cert)
	client := func(certs ...tls.Certificate) *http.Client {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certs}, ForceAttemptHTTP2: true}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	const alice, bob = authn.CallerHeader + `: {"sub":"alice","groups":["shop"]}`, authn.CallerHeader + `: {"sub":"bob"}`
	p.ask(t, client(), projectQuery).want(t, "nobody", 401, "answers the supergraph's router")
	p.ask(t, client(), projectQuery, alice).want(t, "who says it without proof", 401, "only the supergraph's router")
	p.ask(t, client(other.asClient), projectQuery, alice).want(t, "another certificate", 401, "only the supergraph's router")
	p.ask(t, client(router.asClient), projectQuery, alice).want(t, "by certificate", 200, `"Storefront"`)
	p.ask(t, client(router.asClient), projectQuery, bob).want(t, "by certificate, for somebody else", 200, "GROUP_NOT_FOUND")
	p.ask(t, client(), projectQuery, alice, authn.RouterSecretHeader+": "+secret).want(t, "by secret", 200, `"Storefront"`)
	p.ask(t, client(), projectQuery, alice, authn.RouterSecretHeader+": "+secret[1:]).want(t, "by another secret", 401, "only the supergraph's router")
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
