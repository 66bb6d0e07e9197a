// Package certificate holds what the gateway serves TLS with: its certificate and key,
// and the authorities of client certificates, from files that are read again while it
// serves.
package certificate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"atlas-restore-gateway/internal/yamlfile"
)

// Files are PEM files. ClientCA may be empty: then no client certificate is asked for.
type Files struct{ Cert, Key, ClientCA string }

// Served is a certificate as it stands now.
type Served struct {
	files Files

	current atomic.Pointer[pair]

	mu   sync.Mutex
	seen [sha256.Size]byte // what was looked at last
	err  error             // what was wrong with it
}

type pair struct {
	certificate tls.Certificate
	roots       *x509.CertPool // nil without ClientCA
}

// Load reads the files.
func Load(f Files) (*Served, error) {
	s := &Served{files: f}
	_, err := s.Reload(context.Background())
	return s, err
}

// Name is what logs call it.
func (*Served) Name() string { return "certificate" }

// Reload reads the files again when one of them has changed. With an error the old ones
// stay. Connections that are open go on with what they began with.
func (s *Served) Reload(context.Context) (changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var contents [3][]byte
	for i, path := range []string{s.files.Cert, s.files.Key, s.files.ClientCA} {
		if path == "" {
			continue
		}
		if contents[i], err = yamlfile.Read(path); err != nil {
			return false, fmt.Errorf("the certificate cannot be read: %w", err)
		}
	}
	seen := sha256.Sum256(bytes.Join(contents[:], []byte{0}))
	if seen == s.seen {
		return false, s.err
	}
	p, err := s.parse(contents[0], contents[1], contents[2])
	s.seen, s.err = seen, err
	if err != nil {
		return false, err
	}
	s.current.Store(p)
	return true, nil
}

func (s *Served) parse(cert, key, authorities []byte) (*pair, error) {
	p := &pair{}
	var err error
	if p.certificate, err = tls.X509KeyPair(cert, key); err != nil {
		return nil, fmt.Errorf("%s and %s are no certificate and its key: %w", s.files.Cert, s.files.Key, err)
	}
	if s.files.ClientCA == "" {
		return p, nil
	}
	p.roots = x509.NewCertPool()
	if !p.roots.AppendCertsFromPEM(authorities) {
		return nil, errors.New(s.files.ClientCA + " holds no certificate of an authority")
	}
	return p, nil
}

// Roots are the authorities of client certificates; nil where none are taken.
func (s *Served) Roots() *x509.CertPool { return s.current.Load().roots }

// Config is what a server serves with. A client may show a certificate where there are
// authorities for them; one that is not of these ends the handshake.
func (s *Served) Config() *tls.Config {
	of := func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.config(s.current.Load()), nil }
	first := s.config(s.current.Load())
	first.GetConfigForClient = of
	return first
}

func (s *Served) config(p *pair) *tls.Config {
	c := &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{p.certificate},
	}
	if p.roots != nil {
		c.ClientAuth, c.ClientCAs = tls.VerifyClientCertIfGiven, p.roots
		// A resumed session would bring a client certificate back that was checked against
		// the authorities of then.
		c.SessionTicketsDisabled = true
	}
	return c
}
