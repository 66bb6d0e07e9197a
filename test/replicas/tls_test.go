package replicas

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// certificate returns a certificate of its own authority for loopback, and its key, in PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

func TestReplicas_shareByTLS(t *testing.T) {
	t.Parallel()
	cert, private := certificate(t)
	certFile, keyFile := write(t, "cert.pem", cert), write(t, "key.pem", private)
	a, port, key := startAtlas(t, ""), freePort(t), newSecret()
	startRedis(t, "--tls-port", port, "--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile,
		"--tls-auth-clients", "no")
	url := "rediss://127.0.0.1:" + port
	var replicas []*gateway
	for range 3 {
		replicas = append(replicas, startAt(t, a, url, key, "--replica-redis-ca="+certFile))
	}
	for _, g := range replicas {
		g.waitUp(t, true)
	}
	mustShare(t, a, replicas)

	other, _ := certificate(t)
	for name, args := range map[string][]string{
		"another authority":          {"--replica-redis-ca=" + write(t, "other.pem", other)},
		"the system's authorities":   nil,
		"no TLS on the port with it": {"plain"},
	} {
		at := url
		if len(args) == 1 && args[0] == "plain" {
			at, args = "redis://127.0.0.1:"+port, nil
		}
		g := startAt(t, a, at, key, args...)
		waitFor(t, "it says so", func() bool { return strings.Contains(g.log.String(), "Redis cannot be used") })
		if g.isUp(t) {
			t.Errorf("%s: it is connected", name)
		}
		if answer := g.query(t, jobs(dedicated, 20)); !strings.Contains(answer, `{"data":{"restoreJobs":`) {
			t.Errorf("%s: the answer is %s", name, answer)
		}
	}
}
