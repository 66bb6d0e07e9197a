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

// decodeClaims decodes one JSON object without duplicate names at any depth. RFC 7519, section 4, lets the reader
// choose one of two "aud"; two readers that choose differently are an attack.
func decodeClaims(b []byte) (map[string]any, error) {
	// Valid as of RFC 7493: no duplicate names, and UTF-8 alone.
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

// identify sets the identity of a caller from its claims.
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

// scopesOf returns the scopes: "scope" as in RFC 8693, section 4.2, or "scp" of other providers, as a text or a list.
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
