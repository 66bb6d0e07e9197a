package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// CacheScope says who may keep answers to a GET with a hash.
type CacheScope string

// The scopes (RFC 9111, section 5.2.2).
const (
	// CachePrivate lets the client alone keep them: what the gateway serves is read with a
	// credential that its callers do not have.
	CachePrivate CacheScope = "private"
	// CachePublic lets caches between keep them, too, where nobody is asked who they are.
	CachePublic CacheScope = "public"
	// CacheOff lets nobody.
	CacheOff CacheScope = "off"
)

// cacheable is whether the answer to a request may be kept: it is a GET, and its URL
// holds the hash of the document and not the document, so that it is short, often the
// same, and safe to be written down. What the operation has cost, where that is asked
// for, is true of this answer alone.
func (t *httpTransport) cacheable(r *http.Request, op *operation) bool {
	return t.cache != CacheOff && isRead(r.Method) && op.hashed && r.Header.Get(costHeader) == ""
}

// setCaching says for how long an answer without errors may be kept: as long as the
// gateway itself would keep the first of what it contains. An answer with a download URL
// is a key to a backup and is kept nowhere.
func (t *httpTransport) setCacheHeaders(w http.ResponseWriter, r *http.Request, op *operation, life *restore.Freshness, body answerBody) {
	if op.document.Downloads && life.HoldsSecret() {
		return
	}
	caller := authz.CallerFrom(r.Context())
	if caller.Router != "" {
		// One client, who may ask for many callers: what it keeps would be kept for all.
		return
	}
	scope := "private"
	// Who is known by name gets what is his.
	if t.cache == CachePublic && caller.Method == authz.None && r.Header.Get("Authorization") == "" && r.Header.Get("Cookie") == "" {
		scope = "public"
	}
	directives := scope + ", no-cache"
	if seconds := int(life.Remaining() / time.Second); seconds > 0 {
		directives = fmt.Sprintf("%s, max-age=%d", scope, seconds)
	}
	h := w.Header()
	h.Set("Cache-Control", directives)
	h.Set("ETag", etagOf(body))
}

// etagOf is weak: compressed or not, the answer is the same.
func etagOf(body answerBody) string {
	hash := sha256.New()
	for _, piece := range body {
		_, _ = hash.Write(piece)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:16]) + `"`
}

// hasETag is whether the client has the answer already (RFC 9110, section 13.1.2).
func hasETag(r *http.Request, etag string) bool {
	for _, value := range r.Header.Values("If-None-Match") {
		for candidate := range strings.SplitSeq(value, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || etag != "" && strings.TrimPrefix(candidate, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}
