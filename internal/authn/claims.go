package authn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/authz"
)

// decodeClaims reads one JSON object whose names are all different, at every depth: RFC
// 7519, section 4, leaves it to the reader which of two "aud" counts, and two readers
// that decide differently are an attack.
func decodeClaims(b []byte) (map[string]any, error) {
	// RFC 7493 says what is valid here: no name twice, and no text that is not UTF-8.
	if !jsontext.Value(b).IsValid() {
		return nil, errors.New("not JSON, or a name is there twice")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var claims map[string]any
	if err := d.Decode(&claims); err != nil || claims == nil {
		return nil, errors.New("not a JSON object")
	}
	return claims, nil
}

// identify takes who calls out of claims.
func identify(c *authz.Caller, claims map[string]any) error {
	subject, isText := claims["sub"].(string)
	switch {
	case !isText || subject == "":
		return errors.New("there is no sub")
	case len(subject) > 256 || strings.ContainsFunc(subject, unicode.IsControl):
		return errors.New("the sub is too long or has control characters")
	}
	scopes, err := scopesOf(claims)
	if err != nil {
		return err
	}
	c.Subject, c.Scopes, c.Claims = subject, scopes, claims
	c.Issuer, _ = claims["iss"].(string)
	return nil
}

// scopesOf are the scopes: "scope" as RFC 8693, section 4.2, has it, or "scp", as
// others write it, as a text or as a list.
func scopesOf(claims map[string]any) ([]string, error) {
	var all []string
	for _, name := range []string{"scope", "scp"} {
		switch value := claims[name].(type) {
		case nil:
		case string:
			all = append(all, strings.Fields(value)...)
		case []any:
			for _, element := range value {
				scope, isText := element.(string)
				if !isText {
					return nil, fmt.Errorf("%s has an element that is no text", name)
				}
				all = append(all, scope)
			}
		default:
			return nil, fmt.Errorf("%s is neither a text nor a list", name)
		}
	}
	return all, nil
}
