package diagnosis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"atlas-restore-gateway/internal/httpclient"
)

const (
	dialTimeout = 5 * time.Second
	// maxAddresses is how many addresses of a name a finding has.
	maxAddresses = 4
)

// Endpoint is a server that the gateway uses. Its check has findings about its name, its certificate and its clock, of
// which each is left out where it does not apply or a former one has failed.
type Endpoint struct {
	// Setting is what names the endpoint, for advice.
	Setting string
	// URL is read by one GET without a credential; nil for an endpoint that does not speak HTTP.
	URL *url.URL
	// Address is the HOST:PORT of an endpoint without a URL.
	Address string
	// TLS has the authorities of an endpoint that uses TLS, and its name; nil means no TLS or, with a URL of https, the
	// authorities of the system.
	TLS *tls.Config
	// Trust is the setting that names the authorities, for advice.
	Trust string
	// MaxSkew is the largest difference of the clocks.
	MaxSkew time.Duration
	// Proxy returns the proxy of a request; nil means that there is none.
	Proxy func(*http.Request) (*url.URL, error)
	// Requests counts the requests that are sent, unless it is nil.
	Requests *atomic.Int64
}

// Check makes the checks of the endpoint.
func (e *Endpoint) Check(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	host := e.host()
	proxy, err := e.proxy(ctx)
	switch {
	case err != nil:
		return []Finding{found("dns: "+host, Failed, "the proxy for "+host+" cannot be told",
			"check HTTPS_PROXY, HTTP_PROXY and NO_PROXY: a proxy is a URL like http://proxy.example.com:3128")}
	case proxy != nil:
		name := found("dns: "+host, OK, "the proxy "+proxy.Host+" resolves it, and not this machine", "")
		ofProxy := resolve(ctx, proxy.Hostname(), "HTTPS_PROXY")
		if !ofProxy.OK {
			return []Finding{name, ofProxy}
		}
		return append([]Finding{name, ofProxy}, e.connect(ctx, host, proxy)...)
	}
	name := resolve(ctx, host, e.Setting)
	if !name.OK {
		return []Finding{name}
	}
	return append([]Finding{name}, e.connect(ctx, host, nil)...)
}

func (e *Endpoint) host() string {
	if e.URL != nil {
		return e.URL.Hostname()
	}
	host, _, err := net.SplitHostPort(e.Address)
	if err != nil {
		return e.Address
	}
	return host
}

// proxy returns the proxy that the client of the gateway uses; nil where there is none. The error may hold a password.
func (e *Endpoint) proxy(ctx context.Context) (*url.URL, error) {
	if e.URL == nil || e.Proxy == nil {
		return nil, nil //nolint:nilnil // documented
	}
	req, err := e.request(ctx)
	if err != nil {
		return nil, err
	}
	return e.Proxy(req)
}

func (e *Endpoint) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL.String(), http.NoBody)
	if err != nil {
		return nil, errors.New("the URL cannot be asked")
	}
	req.Header.Set("User-Agent", "atlas-restore-gateway")
	req.Header.Set("Cache-Control", "no-cache") // the date of a cached response says nothing
	return req, nil
}

// resolve has the name server of this machine resolve a name.
func resolve(ctx context.Context, host, setting string) Finding {
	check := "dns: " + host
	if _, err := netip.ParseAddr(host); err == nil {
		return found(check, OK, "it is an address: no name server is asked", "")
	}
	start := time.Now()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	took := time.Since(start).Round(time.Millisecond)
	if err != nil {
		return found(check, Failed, err.Error(), "check the name in "+setting+" and the name servers of this machine "+
			"(/etc/resolv.conf); where a proxy alone reaches other networks, set HTTPS_PROXY")
	}
	var texts []string
	for _, a := range addresses[:min(len(addresses), maxAddresses)] {
		texts = append(texts, a.Unmap().String())
	}
	if more := len(addresses) - maxAddresses; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return found(check, OK, fmt.Sprintf("it is %s, in %s", list(texts), took), "")
}

// connect makes one connection, and with a URL one request.
func (e *Endpoint) connect(ctx context.Context, host string, proxy *url.URL) []Finding {
	if e.URL == nil {
		if e.TLS == nil {
			return nil
		}
		dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: dialTimeout}, Config: e.TLS}
		conn, err := dialer.DialContext(ctx, "tcp", e.Address)
		if err != nil {
			return []Finding{e.unreachable("tls: "+host, nil, err)}
		}
		defer func() { _ = conn.Close() }()
		secure, ok := conn.(*tls.Conn)
		if !ok {
			return nil // cannot happen
		}
		state := secure.ConnectionState()
		return []Finding{trusted(host, &state, nil)}
	}
	start := time.Now()
	header, state, err := e.get(ctx)
	end := time.Now()
	secure := e.URL.Scheme == "https"
	switch {
	case err != nil && secure:
		return []Finding{e.unreachable("tls: "+host, proxy, err)}
	case err != nil:
		return []Finding{e.unreachable("clock: "+host, proxy, err)}
	}
	var all []Finding
	if secure {
		all = append(all, trusted(host, state, proxy))
	}
	return append(all, compareClocks(host, header, start, end, e.MaxSkew))
}

// get reads the URL. It returns the header of the response, and the state of its connection, which is nil without TLS.
func (e *Endpoint) get(ctx context.Context) (http.Header, *tls.ConnectionState, error) {
	req, err := e.request(ctx)
	if err != nil {
		return nil, nil, err
	}
	transport := httpclient.NewTransport(dialTimeout, nil)
	transport.Proxy, transport.TLSHandshakeTimeout = e.Proxy, dialTimeout
	if e.TLS != nil {
		transport.TLSClientConfig = e.TLS.Clone()
	}
	defer transport.CloseIdleConnections()
	if e.Requests != nil {
		e.Requests.Add(1)
	}
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	return res.Header, res.TLS, nil
}

// unreachable returns the finding of a connection that was not made.
func (e *Endpoint) unreachable(check string, proxy *url.URL, err error) Finding {
	if untrusted := (*tls.CertificateVerificationError)(nil); errors.As(err, &untrusted) {
		return e.untrusted(check, untrusted)
	}
	// Errors of proxies and of net/http may repeat parts of responses.
	detail := strings.Join(strings.Fields(err.Error()), " ")
	switch {
	case errors.Is(err, context.Canceled):
		return found(check, Failed, "the check was ended", "make it again")
	case proxy != nil:
		return found(check, Failed, detail, "check that the proxy "+proxy.Host+" lets this machine reach "+e.host())
	case errors.As(err, new(tls.RecordHeaderError)):
		return found(check, Failed, detail, "what answers does not speak TLS: check scheme and port of "+e.Setting)
	default:
		return found(check, Failed, detail, "check "+e.Setting+", firewalls, and whether a proxy is needed (HTTPS_PROXY)")
	}
}
