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
	granted          Operator // beside what the role may do
	projects         []string // that it may read; nil for all
	ha1              string   // of an API key: MD5 of name, realm and private key
	secret           string   // of a service account
	isServiceAccount bool
}

// mayRead reports whether the credential may read a project.
func (a *account) mayRead(groupID string) bool {
	return len(a.projects) == 0 || slices.Contains(a.projects, groupID)
}

// operators returns what the credential may change. A Project Owner may do everything.
func (a *account) operators() Operator {
	if a.role == ProjectOwner {
		return BackupRecoveryOperator | BackupExportOperator | BackupCreator
	}
	return a.granted
}

// id returns the id of the credential, 24 hexadecimal digits that are the same in every run.
func (a *account) id() string { return md5Hex(a.name)[:24] }

// authenticate returns the caller, or the answer that rejects the request. A request without a credential gets the
// digest challenge, also where the caller is going to use a token.
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

// unauthorized returns the 401 with a digest challenge and a new nonce.
func (s *Simulator) unauthorized(stale bool, now time.Time) answer {
	a := unauthorizedBody()
	a.header = []field{{"WWW-Authenticate", challenge(s.nonces.issue(now), stale)}}
	return a
}

// unauthorizedBody returns the 401 of what is before the API: its layout is not that of other errors, it has no
// errorCode and no X-Error-Code, and it ignores envelope and pretty.
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

// equalSecrets reports whether two secrets are equal, in constant time.
func equalSecrets(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
