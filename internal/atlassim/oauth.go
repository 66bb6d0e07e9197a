package atlassim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	tokenPath  = "/api/oauth/token" //nolint:gosec // a path, not a credential
	revokePath = "/api/oauth/revoke"
	// maxForm bounds the body of a token request, in bytes.
	maxForm  = 16 << 10
	formType = "application/x-www-form-urlencoded"

	basicChallenge = `Basic realm="` + realm + `"`
	tooManyTokens  = "too_many_requests" // inferred
)

// isOAuth reports whether a request is for one of the two endpoints of OAuth.
func isOAuth(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return path == tokenPath || path == revokePath
}

// oauth answers the endpoints that issue and revoke the tokens of a service account. Their errors have the form of
// RFC 6749, not of the API.
func (s *Simulator) oauth(r *http.Request, now time.Time) answer {
	if r.Method != http.MethodPost {
		return errMethod("POST")
	}
	account, ok := s.serviceAccountOf(r)
	if account != nil && r.URL.Path == tokenPath {
		// Requests with a wrong secret count, too: the limit is also against guessing.
		if wait, allowed := s.tokens.allow(account.name, now); !allowed {
			a := oauthError(http.StatusTooManyRequests, tooManyTokens,
				"A service account may ask for "+strconv.Itoa(maxTokensPerMinute)+" tokens a minute.")
			a.header = append(a.header, field{"Retry-After", strconv.Itoa(wait)})
			return a
		}
	}
	if !ok {
		a := oauthError(http.StatusUnauthorized, "invalid_client", "The client credentials are missing or wrong.")
		a.header = append(a.header, field{"WWW-Authenticate", basicChallenge})
		return a
	}
	form, problem := readForm(r)
	if problem != "" {
		return oauthError(http.StatusBadRequest, "invalid_request", problem)
	}
	if r.URL.Path == revokePath {
		return s.revoke(account, form)
	}
	switch form.Get("grant_type") {
	case "client_credentials":
	case "":
		return oauthError(http.StatusBadRequest, "invalid_request", "The parameter grant_type is missing.")
	default:
		return oauthError(http.StatusBadRequest, "unsupported_grant_type", "The grant type must be client_credentials.")
	}
	token := s.tokens.issue(account, now)
	t := jsonText{}
	t.open()
	t.text("access_token", token)
	t.number("expires_in", int64(s.tokens.lifetime/time.Second))
	t.text("token_type", "Bearer")
	t.close('}')
	return oauthAnswer(http.StatusOK, t.buf)
}

// revoke revokes a token. By RFC 7009 an unknown token is a success; the token of another account stays valid.
func (s *Simulator) revoke(account *account, form url.Values) answer {
	token := form.Get("token")
	if token == "" {
		return oauthError(http.StatusBadRequest, "invalid_request", "The parameter token is missing.")
	}
	s.tokens.revoke(account, token)
	return oauthAnswer(http.StatusOK, nil)
}

// serviceAccountOf returns the account of a Basic credential, and reports whether its secret is right.
func (s *Simulator) serviceAccountOf(r *http.Request) (*account, bool) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		return nil, false
	}
	if a := s.serviceAccount[id]; a != nil && equalSecrets(a.secret, secret) {
		return a, true
	}
	// RFC 6749, section 2.3.1: both parts are form-encoded. Many clients do not encode them, so both forms are tried.
	decodedID, idErr := url.QueryUnescape(id)
	decodedSecret, secretErr := url.QueryUnescape(secret)
	if idErr != nil || secretErr != nil {
		return s.serviceAccount[id], false
	}
	a := s.serviceAccount[decodedID]
	return a, a != nil && equalSecrets(a.secret, decodedSecret)
}

// readForm parses a bounded form body. The problem is the description of an error, or "".
func readForm(r *http.Request) (form url.Values, problem string) {
	media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), formType) {
		return nil, "The content type must be " + formType + "."
	}
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, "The form cannot be read."
	}
	return r.PostForm, ""
}

func oauthError(status int, code, description string) answer {
	t := jsonText{}
	t.open()
	t.text("error", code)
	t.text("error_description", description)
	t.close('}')
	return oauthAnswer(status, t.buf)
}

func oauthAnswer(status int, body []byte) answer {
	a := answer{status: status, body: body, header: []field{{"Cache-Control", "no-store"}}}
	if body != nil {
		a.contentType = jsonType
	}
	return a
}
