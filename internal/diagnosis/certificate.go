package diagnosis

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// expirySoon is how long before its end a certificate is a warning.
const expirySoon = 14 * 24 * time.Hour

// maxNames is how many names of a certificate a finding has.
const maxNames = 3

// trusted returns the finding of a connection whose certificate was verified.
func trusted(host string, state *tls.ConnectionState, proxy *url.URL) Finding {
	leaf := state.PeerCertificates[0]
	detail := "trusted: " + describe(leaf) + "; " + tls.VersionName(state.Version)
	if state.NegotiatedProtocol != "" {
		detail += ", " + state.NegotiatedProtocol
	}
	if proxy != nil {
		detail += ", through the proxy " + proxy.Host
	}
	result := OK
	if time.Until(leaf.NotAfter) < expirySoon {
		result = Warning
	}
	return found("tls: "+host, result, detail, "it ends soon: have its owner renew it")
}

// untrusted returns the finding of a certificate that was not accepted.
func (e *Endpoint) untrusted(check string, err *tls.CertificateVerificationError) Finding {
	detail := "not trusted: " + err.Err.Error()
	issuer := "its issuer"
	if len(err.UnverifiedCertificates) > 0 {
		leaf := err.UnverifiedCertificates[0]
		detail = "not trusted: " + describe(leaf) + ": " + err.Err.Error()
		issuer = issuerOf(leaf)
	}
	invalid := x509.CertificateInvalidError{}
	switch {
	case errors.As(err.Err, new(x509.HostnameError)):
		return found(check, Failed, detail, "what answers has the certificate of another name: check "+e.Setting+
			", and to which address the name resolves")
	case errors.As(err.Err, &invalid) && invalid.Reason == x509.Expired:
		return found(check, Failed, detail,
			"check the clock of this machine; if it is right, have the owner renew the certificate")
	default:
		trust := cmp.Or(e.Trust, "the CA certificates of the system, or SSL_CERT_FILE")
		return found(check, Failed, detail, fmt.Sprintf("if %s is the authority of your company's proxy or server, have "+
			"this machine trust it (%s); else something between pretends to be the server", issuer, trust))
	}
}

// Certificate returns the finding of the certificate that the gateway shows to its callers.
func Certificate(check string, leaf *x509.Certificate) Finding {
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		return found(check, Failed, "expired: "+describe(leaf), "renew it: callers do not accept it")
	case now.Before(leaf.NotBefore):
		from := leaf.NotBefore.UTC().Format(time.DateTime)
		return found(check, Failed, describe(leaf)+"; it is valid from "+from+" on",
			"check the clock of this machine, and the certificate: callers do not accept it yet")
	case leaf.NotAfter.Sub(now) < expirySoon:
		return found(check, Warning, describe(leaf),
			"it ends soon: renew it; the gateway reads the files again when they change")
	default:
		return found(check, OK, describe(leaf)+"; its key fits", "")
	}
}

// describe says for which names a certificate is, who issued it, and when it ends.
func describe(cert *x509.Certificate) string {
	var names []string
	names = append(names, cert.DNSNames...)
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{cmp.Or(cert.Subject.CommonName, "no name")}
	}
	if more := len(names) - maxNames; more > 0 {
		names = append(names[:maxNames:maxNames], fmt.Sprintf("%d more", more))
	}
	left := time.Until(cert.NotAfter)
	days := fmt.Sprintf("in %d days", int(left.Hours()/24))
	if left < 0 {
		days = "which is over"
	}
	return fmt.Sprintf("for %s, issued by %s, valid until %s (%s)", list(names), issuerOf(cert),
		cert.NotAfter.UTC().Format(time.DateOnly), days)
}

func issuerOf(cert *x509.Certificate) string {
	name, organization := cert.Issuer.CommonName, ""
	if len(cert.Issuer.Organization) > 0 {
		organization = cert.Issuer.Organization[0]
	}
	switch {
	case name == "" && organization == "":
		return "an authority without a name"
	case name == "" || organization == "" || name == organization:
		return cmp.Or(name, organization)
	default:
		return name + " (" + organization + ")"
	}
}
