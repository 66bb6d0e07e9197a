package atlas

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"atlas-restore-gateway/internal/secret"
)

const (
	// maxTextBytes bounds each text of Atlas that is passed on or logged.
	maxTextBytes = 2 << 10
	// minSecretBytes is the shortest secret of the client that is searched for.
	minSecretBytes = 8
)

// Scrub returns a text from outside without what may be a secret in it. URLs lose all but scheme and host when they
// have a user, a query or a path that looks like a secret, as download URLs do. Tokens, keys and passwords are
// replaced where their form or their name tells them; a random text without either is not. A text longer than
// 2 KiB is cut.
func Scrub(text string) string {
	if len(text) > maxTextBytes {
		text = strings.ToValidUTF8(text[:maxTextBytes], "") + "…"
	}
	text = privateKey.ReplaceAllString(text, secret.Redacted)
	text = anyURL.ReplaceAllStringFunc(text, scrubURL)
	text = authorization.ReplaceAllString(text, "${1} "+secret.Redacted)
	text = bareToken.ReplaceAllString(text, secret.Redacted)
	return named.ReplaceAllStringFunc(text, scrubNamed)
}

var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)
	anyURL     = regexp.MustCompile("(?i)\\b[a-z][a-z0-9+.-]*://[^\\s\"'<>\\\\^`{|}]+")
	// authorization is a scheme and a token, or its parameters (RFC 9110, section 11.4).
	authorization = regexp.MustCompile(`(?i)\b(Bearer|Basic|Digest)\s+(\w+\s*=\s*("[^"]*"|[^\s,"]+)(\s*,` +
		`\s*\w+\s*=\s*("[^"]*"|[^\s,"]+))*|[A-Za-z0-9+/=_.~-]{16,})`)
	// bareToken is a JWT, or the secret of a service account.
	bareToken = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}(\.[A-Za-z0-9_-]*)+|\bmdb_sa_sk_[\w-]+`)
	named     = regexp.MustCompile(`(?i)\b[\w.-]*(token|secret|passw(or)?d|pwd|api[_-]?key|private[_-]?key|access[_-]?key|credentials?|signature|cookie|nonce|response)` +
		`["']?\s*([=:])\s*("[^"]*"|'[^']*'|[^\s,;&"']+)`)
)

// scrubURL shortens a URL that may hold a secret.
func scrubURL(raw string) string {
	// The end of a sentence is not a part of the URL.
	clean := strings.TrimRight(raw, ".,;:!?)]…")
	scheme, _, _ := strings.Cut(clean, "://")
	u, err := url.Parse(clean)
	switch {
	case err != nil:
		return scheme + "://" + secret.Redacted
	case u.User == nil && u.RawQuery == "" && !strings.Contains(u.Fragment, "=") && !hasSecretSegment(u.Path):
		return raw
	default:
		return scheme + "://" + u.Host + "/" + secret.Redacted + raw[len(clean):]
	}
}

// hasSecretSegment reports whether a segment of a path looks random: long, of letters and digits. This removes ids,
// too.
func hasSecretSegment(path string) bool {
	const random = 16
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) >= random && strings.ContainsFunc(segment, unicode.IsDigit) &&
			strings.ContainsFunc(segment, unicode.IsLetter) {
			return true
		}
	}
	return false
}

// scrubNamed replaces the value of a name. After a colon a value without a digit may be a word of a sentence.
func scrubNamed(match string) string {
	parts := named.FindStringSubmatchIndex(match)
	if parts == nil {
		return secret.Redacted
	}
	separator, value := match[parts[6]:parts[7]], match[parts[8]:]
	if separator == ":" && !strings.ContainsFunc(value, unicode.IsDigit) || strings.Contains(value, secret.Redacted) {
		return match
	}
	return match[:parts[8]] + secret.Redacted
}

// scrub scrubs all texts of Atlas in e, and replaces own, the secret of the credential.
func (e *Error) scrub(own secret.Text) {
	clean := func(text string) string {
		// A shorter one would be found in many words.
		if len(own) >= minSecretBytes {
			text = strings.ReplaceAll(text, string(own), secret.Redacted)
		}
		return Scrub(text)
	}
	e.ErrorCode, e.Reason, e.Detail = clean(e.ErrorCode), clean(e.Reason), clean(e.Detail)
	for i, f := range e.Fields {
		e.Fields[i] = FieldError{Field: clean(f.Field), Description: clean(f.Description)}
	}
	e.Parameters = scrubJSON(e.Parameters, clean)
}

// scrubJSON applies clean to the strings of a JSON value. A value that does not change stays as it was written; it is
// nil where raw is not JSON.
func scrubJSON(raw json.RawMessage, clean func(string) string) json.RawMessage {
	if len(raw) == 0 {
		return raw
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return nil
	}
	changed := false
	value = scrubValue(value, func(text string) string {
		cleaned := clean(text)
		changed = changed || cleaned != text
		return cleaned
	})
	if !changed {
		return raw
	}
	cleaned, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return cleaned
}

func scrubValue(value any, clean func(string) string) any {
	switch value := value.(type) {
	case string:
		return clean(value)
	case []any:
		for i, item := range value {
			value[i] = scrubValue(item, clean)
		}
		return value
	case map[string]any:
		cleaned := make(map[string]any, len(value))
		for name, item := range value {
			cleaned[clean(name)] = scrubValue(item, clean)
		}
		return cleaned
	default:
		return value
	}
}
