package atlassim

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"
)

// account is a credential: an API key or a service account.
type account struct {
	name             string // public key or client id
	role             Role
	projects         []string // that it may see; nil for all
	ha1              string   // of an API key: MD5 of name, realm and private key
	secret           string   // of a service account
	isServiceAccount bool
}

// sees is whether the credential is of a project.
func (a *account) sees(groupID string) bool {
	return len(a.projects) == 0 || slices.Contains(a.projects, groupID)
}

// id is the credential's 24 hexadecimal digits, the same in every run.
func (a *account) id() string { return md5Hex(a.name)[:24] }

// authenticate finds the caller, or says how to refuse it. A request without a credential gets the digest challenge,
// also when the caller means to use a token: Atlas does not know that yet.
func (s *Simulator) authenticate(r *http.Request, now time.Time) (*account, answer) {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "digest":
		account, stale := s.checkDigest(r, rest, now)
		if account != nil {
			return account, answer{}
		}
		return nil, s.unauthorized(stale, now)
	case "bearer":
		if account := s.tokens.account(strings.TrimSpace(rest), now); account != nil {
			return account, answer{}
		}
		a := unauthorizedBody()
		// The challenge of RFC 6750; what Atlas sends here is not known (inferred).
		a.header = []field{{"WWW-Authenticate", `Bearer realm="` + realm + `", error="invalid_token"`}}
		return nil, a
	default:
		return nil, s.unauthorized(false, now)
	}
}

// unauthorized is the 401 that starts a digest handshake, or repeats it with a new nonce.
func (s *Simulator) unauthorized(stale bool, now time.Time) answer {
	a := unauthorizedBody()
	a.header = []field{{"WWW-Authenticate", challenge(s.nonces.issue(now), stale)}}
	return a
}

// unauthorizedBody comes from in front of the API: another layout than its errors, no errorCode, no X-Error-Code, and
// no regard for envelope and pretty.
func unauthorizedBody() answer {
	return answer{
		status:      http.StatusUnauthorized,
		contentType: jsonType,
		body: []byte(`{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource."
}`),
	}
}

// same compares secrets in a time that does not tell how far they agree.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
