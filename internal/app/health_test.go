package app

import (
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/test/certs"
)

func TestRun_checksTheHealthOfAGateway(t *testing.T) {
	p := start(t, nil, "--demo")
	served, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	_ = listener.Close()
	for name, tt := range map[string]struct {
		args []string
		want string // a part of the error; "" where it is ready
	}{
		"ready":         {args: []string{"--demo", "--listen=" + served.Host}},
		"all addresses": {args: []string{"--demo", "--listen=:" + served.Port()}},
		"not there":     {args: []string{"--demo", "--listen=" + free}, want: "no gateway answers at http://" + free},
		"a wrong flag":  {args: []string{"--demo", "--listne=x"}, want: "--listne"},
		"no port":       {args: []string{"--demo", "--listen=localhost"}, want: "--listen"},
	} {
		var out strings.Builder
		err := Run(t.Context(), append([]string{"healthcheck"}, tt.args...), nil, &out, io.Discard)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) || err == nil && out.Len() == 0 {
			t.Errorf("%s: got %q, error %v", name, out.String(), err)
		}
	}
}

func TestRun_printsItsVersion(t *testing.T) {
	var out strings.Builder
	if err := Run(t.Context(), []string{"version"}, nil, &out, io.Discard); err != nil ||
		!strings.HasPrefix(out.String(), "atlas-restore-gateway ") || !strings.Contains(out.String(), runtime.Version()) {
		t.Errorf("got %q, error %v", out.String(), err)
	}
	if err := Run(t.Context(), []string{"version", "x"}, nil, io.Discard, io.Discard); err == nil {
		t.Error("arguments are no error")
	}
}

// The certificate has another name than localhost.
func TestRun_checksTheHealthOfAGatewayWithTLS(t *testing.T) {
	f := folder(t.TempDir())
	server := certs.Authority().Server(x509.Certificate{DNSNames: []string{"gateway.example"}})
	tls := []string{"--tls-cert=" + f.write(t, "cert.pem", server.CertPEM()), "--tls-key=" + f.write(t, "key.pem", server.KeyPEM())}
	p := start(t, nil, append([]string{"--demo"}, tls...)...)
	served, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"healthcheck", "--demo", "--listen=" + served.Host}, tls...)
	if err := Run(t.Context(), args, nil, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}
