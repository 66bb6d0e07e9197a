package diagnosis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"atlas-restore-gateway/internal/test/certs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// want fails unless a check has a result, and its detail and advice contain parts.
func want(t *testing.T, all []Finding, check string, result Result, parts ...string) {
	t.Helper()
	for _, f := range all {
		if f.Check != check {
			continue
		}
		if f.Result != result || f.OK != (result != Failed) || (f.Advice == "") != (result == OK) {
			t.Errorf("got %+v, want %s", f, result)
		}
		for _, part := range parts {
			if !strings.Contains(f.Detail+" "+f.Advice, part) {
				t.Errorf("%+v does not say %q", f, part)
			}
		}
		return
	}
	t.Errorf("there is no %q in %+v", check, all)
}

// serve serves a certificate on loopback and returns the endpoint that trusts an authority.
func serve(t *testing.T, cert *certs.Issued, authority *certs.Issued) *Endpoint {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert.TLS()}}
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Endpoint{
		Setting: "SETTING", URL: u, MaxSkew: MaxSkew,
		TLS: &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12},
	}
}

func TestEndpoint_saysWhetherTheCertificateIsTrusted(t *testing.T) {
	ours, others := certs.Authority(), certs.Authority()
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	for name, row := range map[string]struct {
		cert      *certs.Issued
		authority *certs.Issued
		result    Result
		parts     []string
	}{
		"trusted": {
			cert:      ours.Server(x509.Certificate{IPAddresses: loopback, NotAfter: in(90*24*time.Hour + time.Minute)}),
			authority: ours, result: OK, parts: []string{"trusted: for 127.0.0.1", "in 90 days", "TLS 1.3, h2"},
		},
		"ends soon": {
			cert: ours.Server(x509.Certificate{IPAddresses: loopback, NotAfter: in(13 * 24 * time.Hour)}), authority: ours,
			result: Warning, parts: []string{"in 12 days", "ends soon"},
		},
		"another authority": {
			cert: others.Server(x509.Certificate{IPAddresses: loopback}), authority: ours,
			result: Failed, parts: []string{"not trusted: for 127.0.0.1", "unknown authority", "company's proxy"},
		},
		"another name": {
			cert: ours.Server(x509.Certificate{DNSNames: []string{"other.example"}}), authority: ours,
			result: Failed, parts: []string{"for other.example", "certificate of another name: check SETTING"},
		},
		"expired": {
			cert: ours.Server(x509.Certificate{IPAddresses: loopback, NotAfter: in(-time.Minute)}), authority: ours,
			result: Failed, parts: []string{"which is over", "check the clock of this machine"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, row.cert, row.authority)
			all := e.Check(t.Context())
			want(t, all, "tls: 127.0.0.1", row.result, row.parts...)
			if row.result != Failed {
				want(t, all, "clock: 127.0.0.1", OK)
			}
			// Without HTTP, as Redis.
			direct := &Endpoint{Setting: "SETTING", Address: e.URL.Host, TLS: e.TLS, Trust: "--ca"}
			for i, part := range row.parts {
				row.parts[i] = strings.TrimSuffix(part, ", h2")
			}
			want(t, direct.Check(t.Context()), "tls: 127.0.0.1", row.result, row.parts...)
		})
	}
}

func TestEndpoint_nameThatDoesNotResolveIsTheOnlyFailure(t *testing.T) {
	all := (&Endpoint{Setting: "SETTING", Address: "redis.invalid:6379", TLS: &tls.Config{MinVersion: tls.VersionTLS12}}).
		Check(t.Context())
	want(t, all, "dns: redis.invalid", Failed, "check the name in SETTING")
	if len(all) != 1 {
		t.Errorf("got %+v", all)
	}
}

// A gateway behind a proxy cannot resolve the names of other networks, and need not.
func TestEndpoint_proxyResolvesTheName(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host != "atlas.invalid" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer proxy.Close()
	through, err := url.Parse(strings.Replace(proxy.URL, "://", "://user:proxy-password@", 1))
	if err != nil {
		t.Fatal(err)
	}
	e := &Endpoint{
		Setting: "SETTING", URL: &url.URL{Scheme: "http", Host: "atlas.invalid"}, MaxSkew: MaxSkew,
		Proxy: http.ProxyURL(through),
	}
	all := e.Check(t.Context())
	want(t, all, "dns: atlas.invalid", OK, "the proxy 127.0.0.1:", "resolves it, and not this machine")
	want(t, all, "dns: 127.0.0.1", OK)
	want(t, all, "clock: atlas.invalid", OK)
	proxy.Close()
	gone := e.Check(t.Context())
	want(t, gone, "clock: atlas.invalid", Failed, "check that the proxy 127.0.0.1:")
	e.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy address proxy-password") }
	wrong := e.Check(t.Context())
	want(t, wrong, "dns: atlas.invalid", Failed, "check HTTPS_PROXY")
	for _, f := range append(append(all, gone...), wrong...) {
		if strings.Contains(f.Detail+f.Advice, "proxy-password") {
			t.Errorf("it shows a password: %+v", f)
		}
	}
}

func TestCompareClocks_allowsWhatDateCannotTell(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC)
	end := start.Add(time.Second)
	for name, row := range map[string]struct {
		date, age string
		result    Result
		part      string
	}{
		"equal":                {date: "Fri, 02 Jan 2026 03:04:06 GMT", result: OK, part: "is right"},
		"within the precision": {date: "Fri, 02 Jan 2026 03:04:05 GMT", result: OK, part: "is right"},
		"a little behind":      {date: "Fri, 02 Jan 2026 03:04:16 GMT", result: OK, part: "9s behind"},
		"30 s ahead":           {date: "Fri, 02 Jan 2026 03:03:35 GMT", result: OK, part: "30s ahead"},
		"31 s ahead":           {date: "Fri, 02 Jan 2026 03:03:34 GMT", result: Failed, part: "31s ahead"},
		"two minutes behind":   {date: "Fri, 02 Jan 2026 03:06:06 GMT", result: Failed, part: "1m59s behind, more than 30s"},
		"from a cache":         {date: "Fri, 02 Jan 2026 03:00:06 GMT", age: "240", result: OK, part: "is right"},
		"no date":              {date: "today", result: Warning, part: "no Date"},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Date": {row.date}, "Age": {row.age}}
			want(t, []Finding{compareClocks("h", header, start, end, MaxSkew)}, "clock: h", row.result, row.part)
		})
	}
}

func TestCertificate_saysWhenItEnds(t *testing.T) {
	ca := certs.Authority()
	for name, row := range map[string]struct {
		left   time.Duration
		result Result
		part   string
	}{
		"for a month": {left: 30*24*time.Hour + time.Minute, result: OK, part: "in 30 days"},
		"for a day":   {left: 25 * time.Hour, result: Warning, part: "in 1 days"},
		"expired":     {left: -time.Minute, result: Failed, part: "renew it"},
	} {
		t.Run(name, func(t *testing.T) {
			leaf := ca.Server(x509.Certificate{DNSNames: []string{"gateway.example"}, NotAfter: time.Now().Add(row.left)}).Cert
			want(t, []Finding{Certificate("c", leaf)}, "c", row.result, row.part, "for gateway.example")
		})
	}
}
