package atlassim

import (
	"crypto/md5" //nolint:gosec // HTTP Digest as Atlas speaks it is MD5
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// realm is the one that Atlas sends.
const realm = "MMS Public API"

// challenge returns the WWW-Authenticate header of a 401, exactly as Atlas sends it.
func challenge(nonce string, stale bool) string {
	return `Digest realm="` + realm + `", domain="", nonce="` + nonce +
		`", algorithm=MD5, qop="auth", stale=` + strconv.FormatBool(stale)
}

// digestParams are the parts of a digest Authorization header.
type digestParams struct {
	username, realm, nonce, uri, response, algorithm, qop, nc, cnonce string
}

// checkDigest verifies a digest (RFC 7616 with MD5 and qop=auth, which is also RFC 2617). It returns the account, or
// reports that only the nonce was wrong, so that the client may answer the next challenge with the same credential.
func (s *Simulator) checkDigest(r *http.Request, header string, now time.Time) (caller *account, stale bool) {
	p, ok := parseDigest(header)
	if !ok || p.realm != realm || p.qop != "auth" || p.cnonce == "" || p.nonce == "" {
		return nil, false
	}
	if p.algorithm != "" && !strings.EqualFold(p.algorithm, "MD5") {
		return nil, false
	}
	// The URI is a part of what was signed; another one than the request's is a copied credential.
	if p.uri != r.RequestURI && p.uri != r.URL.RequestURI() {
		return nil, false
	}
	count, err := strconv.ParseUint(p.nc, 16, 32)
	if err != nil || len(p.nc) != 8 || count == 0 {
		return nil, false
	}
	key := s.keys[p.username]
	if key == nil {
		return nil, false
	}
	ha2 := md5Hex(r.Method + ":" + p.uri)
	want := md5Hex(key.ha1 + ":" + p.nonce + ":" + p.nc + ":" + p.cnonce + ":" + p.qop + ":" + ha2)
	if !equalSecrets(want, strings.ToLower(p.response)) {
		return nil, false
	}
	if !s.nonces.use(p.nonce, uint32(count), now) {
		return nil, true
	}
	return key, false
}

// parseDigest parses comma separated name=value pairs, quoted or not. It reports false where a name comes twice.
func parseDigest(header string) (p digestParams, ok bool) {
	rest := strings.TrimSpace(header)
	for rest != "" {
		name, after, found := strings.Cut(rest, "=")
		if !found {
			return p, false
		}
		after = strings.TrimLeft(after, " \t")
		var value string
		if strings.HasPrefix(after, `"`) {
			if value, after, ok = unquote(after[1:]); !ok {
				return p, false
			}
		} else {
			end := strings.IndexAny(after, ", \t")
			if end < 0 {
				end = len(after)
			}
			value, after = after[:end], after[end:]
		}
		if !p.set(strings.ToLower(strings.TrimSpace(name)), value) {
			return p, false
		}
		after = strings.TrimLeft(after, " \t")
		if after != "" && after[0] != ',' {
			return p, false
		}
		rest = strings.TrimLeft(after, ", \t")
	}
	return p, p.username != "" && p.response != ""
}

// unquote parses a quoted string without its first quote, and returns the rest after it.
func unquote(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

func (p *digestParams) set(name, value string) bool {
	var to *string
	switch name {
	case "username":
		to = &p.username
	case "realm":
		to = &p.realm
	case "nonce":
		to = &p.nonce
	case "uri":
		to = &p.uri
	case "response":
		to = &p.response
	case "algorithm":
		to = &p.algorithm
	case "qop":
		to = &p.qop
	case "nc":
		to = &p.nc
	case "cnonce":
		to = &p.cnonce
	default:
		return true // extensions are allowed
	}
	if *to != "" {
		return false
	}
	*to = value
	return true
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
