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

// The headers of a router. From anybody else they are refused.
const (
	// RouterSecretHeader proves that it is the router.
	RouterSecretHeader = "X-Gateway-Router-Secret"
	// CallerHeader says who calls: a JSON object of claims, as the payload of a JWT has them.
	CallerHeader = "X-Gateway-Caller"

	maxCallerBytes = 16 << 10
)

// Routers are the supergraph's routers: what they prove themselves with. A router that
// did may say who calls, in the header CallerHeader.
type Routers struct {
	// Secrets are shared secrets, sent in the header RouterSecretHeader; nil takes none.
	Secrets *Tokens
	// TLSNames are the names (DNS or URI) of client certificates; none takes none. The
	// certificate must be of Roots and for clients.
	TLSNames []string
	Roots    func() *x509.CertPool
	// From are the networks that routers are in; none means everywhere. What leaks of a
	// secret is worth nothing outside of them.
	From []netip.Prefix
}

// NewRouters checks that there is something that a router could prove itself with.
func NewRouters(r Routers) (*Routers, error) {
	switch {
	case r.Secrets == nil && len(r.TLSNames) == 0:
		return nil, errors.New("authn: routers have nothing to prove themselves with")
	case len(r.TLSNames) > 0 && r.Roots == nil:
		return nil, errors.New("authn: client certificates need roots")
	case slices.Contains(r.TLSNames, ""):
		return nil, errors.New("authn: a name of a client certificate is empty")
	}
	return &r, nil
}

// Names are the names of the routers.
func (r *Routers) Names() []string {
	names := slices.Clone(r.TLSNames)
	if r.Secrets != nil {
		names = append(names, r.Secrets.Names()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

var errRouter = errors.New("authn: not a router")

// notRouter is one answer to all who are none, so that it tells nobody how close they
// came.
func notRouter(why string) error {
	return &authz.Error{
		Kind: authz.Unauthenticated, Message: "only the supergraph's router may say who calls", Challenge: challenge,
		Err: fmt.Errorf("%w: %s", errRouter, why),
	}
}

// prove is the name of the router that sent the request, or "" when it shows nothing
// that only a router has.
func (r *Routers) prove(req *http.Request) (string, error) {
	name := r.byCertificate(req)
	values := req.Header[RouterSecretHeader]
	if name == "" && len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", notRouter("the secret is there more than once")
	}
	if len(values) == 1 {
		if r.Secrets == nil {
			return "", notRouter("secrets are not taken")
		}
		bySecret, err := r.Secrets.find(values[0])
		if err != nil {
			return "", notRouter(err.Error())
		}
		if name == "" {
			name = bySecret
		}
	}
	if !r.isNear(req.RemoteAddr) {
		return "", notRouter("it is outside of the routers' networks")
	}
	return name, nil
}

// byCertificate is the name of the router whose certificate the connection was made
// with, or "". The certificate is checked again, because the roots may have changed since,
// and it may have expired.
func (r *Routers) byCertificate(req *http.Request) string {
	if len(r.TLSNames) == 0 || req.TLS == nil || len(req.TLS.PeerCertificates) == 0 {
		return ""
	}
	leaf := req.TLS.PeerCertificates[0]
	name, roots := r.nameOf(leaf), r.Roots()
	// Without roots the library would believe every authority of the system.
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

// nameOf looks at the alternative names alone: a common name can be anything.
func (r *Routers) nameOf(c *x509.Certificate) string {
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

func (r *Routers) isNear(remote string) bool {
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

// passedCaller is who the router says that calls; nil when it says nothing. Router is
// who it proved to be. Where routers are believed, somebody who is none may not say it:
// to pass over it in silence would answer an attack, or a broken proof, as if it were
// somebody else's question.
func (a *Authenticator) passedCaller(r *http.Request, router string) (*authz.Caller, error) {
	values := r.Header[CallerHeader]
	switch {
	case a.Routers == nil || len(values) == 0:
		return nil, nil //nolint:nilnil // nobody says
	case router == "":
		return nil, notRouter("who calls was said without a proof")
	case len(values) > 1:
		return nil, invalid("the router says more than once who calls", errRouter)
	case len(values[0]) > maxCallerBytes || !utf8.ValidString(values[0]):
		return nil, invalid("what the router says of who calls is too long or not UTF-8", errRouter)
	}
	claims, err := decodeClaims([]byte(strings.TrimSpace(values[0])))
	c := &authz.Caller{Method: authz.Router, Router: router}
	if err == nil {
		err = identify(c, claims)
	}
	if err != nil {
		return nil, invalid("what the router says of who calls must be a JSON object of claims with a sub", err)
	}
	return c, nil
}
