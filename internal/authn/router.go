package authn

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"atlas-restore-gateway/internal/authz"
)

// The headers of a router. From other senders they are an error.
const (
	// RouterSecretHeader has the secret that authenticates the router.
	RouterSecretHeader = "X-Gateway-Router-Secret"
	// CallerHeader names the caller: a JSON object of claims, as in the payload of a JWT.
	CallerHeader = "X-Gateway-Caller"

	maxCallerBytes = 16 << 10
)

// Routers has the credentials of the supergraph's routers. An authenticated router may name the caller, in
// CallerHeader.
type Routers struct {
	// Secrets are shared secrets, sent in RouterSecretHeader; nil accepts none.
	Secrets *Tokens
	// TLSNames are the names (DNS or URI) of client certificates; empty accepts none. The certificate must be issued by
	// Roots, for clients.
	TLSNames []string
	Roots    func() *x509.CertPool
	// From are the networks of the routers; empty means all. A leaked secret has no use outside of them.
	From []netip.Prefix
}

// NewRouters returns an error if no router could authenticate.
func NewRouters(r Routers) (*Routers, error) {
	switch {
	case r.Secrets == nil && len(r.TLSNames) == 0:
		return nil, errors.New("authn: routers have no credential to authenticate with")
	case len(r.TLSNames) > 0 && r.Roots == nil:
		return nil, errors.New("authn: client certificates need roots")
	case slices.Contains(r.TLSNames, ""):
		return nil, errors.New("authn: a name of a client certificate is empty")
	}
	return &r, nil
}

// Names returns the names of the routers, sorted.
func (r *Routers) Names() []string {
	names := slices.Clone(r.TLSNames)
	if r.Secrets != nil {
		names = append(names, r.Secrets.Names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var errNotRouter = errors.New("authn: not a router")

// routerError returns the error of a router that is not authenticated. Its message is always the same, so that an
// attacker does not learn how close it came; the log has the cause.
func routerError(why string) error {
	return &authz.Error{
		Kind: authz.Unauthenticated, Message: "only the supergraph's router may say who calls", Challenge: challenge,
		Err: fmt.Errorf("%w: %s", errNotRouter, why),
	}
}

// authenticate returns the name of the router that sent the request; "" for a request without the credential of a
// router.
func (r *Routers) authenticate(req *http.Request) (string, error) {
	name := r.nameOfCertificate(req)
	values := req.Header[RouterSecretHeader]
	if name == "" && len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", routerError("the secret is there more than once")
	}
	if len(values) == 1 {
		if r.Secrets == nil {
			return "", routerError("secrets are not taken")
		}
		bySecret, err := r.Secrets.find(values[0])
		if err != nil {
			return "", routerError(err.Error())
		}
		if name == "" {
			name = bySecret.name
		}
	}
	if !r.inNetworks(req.RemoteAddr) {
		return "", routerError("it is outside of the routers' networks")
	}
	return name, nil
}

// nameOfCertificate returns the name of the router whose client certificate the connection has; "" without one. It
// verifies the certificate again, because the roots may have changed since the handshake, and the certificate may have
// expired.
func (r *Routers) nameOfCertificate(req *http.Request) string {
	if len(r.TLSNames) == 0 || req.TLS == nil || len(req.TLS.PeerCertificates) == 0 {
		return ""
	}
	leaf := req.TLS.PeerCertificates[0]
	name, roots := r.matchingName(leaf), r.Roots()
	// Without roots the library would accept every authority of the system.
	if name == "" || roots == nil {
		return ""
	}
	between := x509.NewCertPool()
	for _, c := range req.TLS.PeerCertificates[1:] {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: time.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return ""
	}
	return name
}

// matchingName returns the alternative name of a certificate that a router has. The common name is ignored: it can be
// anything.
func (r *Routers) matchingName(c *x509.Certificate) string {
	for _, wanted := range r.TLSNames {
		if slices.Contains(c.DNSNames, wanted) {
			return wanted
		}
		for _, u := range c.URIs {
			if u.String() == wanted {
				return wanted
			}
		}
	}
	return ""
}

func (r *Routers) inNetworks(remote string) bool {
	if len(r.From) == 0 {
		return true
	}
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	ip := at.Addr().Unmap().WithZone("")
	return slices.ContainsFunc(r.From, func(network netip.Prefix) bool { return network.Contains(ip) })
}

// forwardedCaller returns the caller that the authenticated router names; nil when it names none. From a sender that is
// not an authenticated router the header is an error: to ignore it would serve an attacker, or a router with a broken
// credential, as another caller.
func (a *Authenticator) forwardedCaller(r *http.Request, router string) (*authz.Caller, error) {
	values := r.Header[CallerHeader]
	switch {
	case a.Routers == nil || len(values) == 0:
		return nil, nil //nolint:nilnil // the request names no caller
	case router == "":
		return nil, routerError("who calls was said without a proof")
	case len(values) > 1:
		return nil, invalidCredential("the router says more than once who calls", errNotRouter)
	case len(values[0]) > maxCallerBytes || !utf8.ValidString(values[0]):
		return nil, invalidCredential("what the router says of who calls is too long or not UTF-8", errNotRouter)
	}
	claims, err := decodeClaims([]byte(strings.TrimSpace(values[0])))
	c := &authz.Caller{Method: authz.Router, Router: router}
	if err == nil {
		err = identify(c, claims)
	}
	if err != nil {
		return nil, invalidCredential("what the router says of who calls must be a JSON object of claims with a sub", err)
	}
	return c, nil
}
