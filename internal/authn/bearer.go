package authn

import (
	"errors"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/authz"
)

// maxTokenBytes bounds a bearer token.
const maxTokenBytes = 16 << 10

var errHeader = errors.New("authn: the header Authorization is not one bearer token")

// bearer returns the token of the header Authorization (RFC 6750, section 2.1); "" without the header. A token in the
// URL or the body is ignored, because both end in logs.
func bearer(h http.Header) (string, error) {
	values := h["Authorization"]
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 {
		return "", invalidCredential("the header Authorization is there more than once", errHeader)
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimLeft(token, " ") // one space or several (RFC 9110, section 11.4)
	switch {
	case !strings.EqualFold(scheme, "Bearer"):
		return "", &authz.Error{
			Kind: authz.Unauthenticated, Message: "the header Authorization must be: Bearer, a space, and a token",
			Challenge: challenge, Err: errHeader,
		}
	case len(token) > maxTokenBytes:
		return "", invalidCredential("the token is too long", errHeader)
	case !isToken68(token):
		return "", invalidCredential("the token has characters that no token has", errHeader)
	}
	return token, nil
}

// isToken68 reports whether the text has the form of a token (RFC 9110, section 11.2).
func isToken68(s string) bool {
	body := strings.TrimRight(s, "=")
	for i := range len(body) {
		c := body[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/':
		default:
			return false
		}
	}
	return body != ""
}
