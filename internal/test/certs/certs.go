// Package certs makes certificates and their keys, for tests. It panics instead of returning errors, which only a
// machine without randomness would have, so that variables of a test can be initialized with certificates.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"time"
)

// Issued is a certificate and its key.
type Issued struct {
	Cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Authority returns a new root authority.
func Authority() *Issued { return issue(nil, authority()) }

// Authority returns an intermediate authority.
func (i *Issued) Authority() *Issued { return issue(i, authority()) }

func authority() *x509.Certificate {
	return &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
}

// Server returns a certificate of this authority for a server.
func (i *Issued) Server(template x509.Certificate) *Issued {
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return issue(i, &template)
}

// Client returns a certificate of this authority for a client.
func (i *Issued) Client(template x509.Certificate) *Issued {
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return issue(i, &template)
}

// issue returns a certificate, self-signed without an issuer. It is valid for an hour unless the template has an end.
func issue(by *Issued, template *x509.Certificate) *Issued {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template.SerialNumber, template.NotBefore = big.NewInt(time.Now().UnixNano()), time.Now().Add(-time.Hour)
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	if by == nil {
		by = &Issued{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.Cert, key.Public(), by.key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &Issued{cert, key}
}

// Pool returns a pool with the certificate alone.
func (i *Issued) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(i.Cert)
	return pool
}

// TLS returns the certificate for a server or a client.
func (i *Issued) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{i.Cert.Raw}, PrivateKey: i.key}
}

// CertPEM returns the certificate as the content of a file.
func (i *Issued) CertPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.Cert.Raw}))
}

// KeyPEM returns the key as the content of a file.
func (i *Issued) KeyPEM() string {
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
