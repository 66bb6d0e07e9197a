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

// CacheScope is which caches may store responses to a GET with the hash of a document.
type CacheScope string

// The scopes (RFC 9111, section 5.2.2).
const (
	// CachePrivate allows the client's cache: the gateway reads with a credential that its callers do not have.
	CachePrivate CacheScope = "private"
	// CachePublic allows shared caches, too, where there is no authentication.
	CachePublic CacheScope = "public"
	// CacheOff allows no cache.
	CacheOff CacheScope = "off"
)

// cacheable reports whether a cache may store the response to a request: a GET whose URL has the hash of the document
// and not its text, so that the URL is short, often the same, and safe in logs. A response with the cost of the
// operation is not cacheable.
func (t *httpTransport) cacheable(r *http.Request, op *operation) bool {
	return t.cache != CacheOff && isRead(r.Method) && op.hashed && r.Header.Get(costHeader) == ""
}

// setCacheHeaders sets Cache-Control and ETag of a response without errors: it is fresh for as long as the gateway
// itself would cache the first of the results in it. A response with a download URL is a key to a backup and is never
// stored.
func (t *httpTransport) setCacheHeaders(w http.ResponseWriter,
	r *http.Request, op *operation, freshness *restore.Freshness, body answerBody) {
	if op.document.Downloads && freshness.HoldsSecret() {
		return
	}
	caller := authz.CallerFrom(r.Context())
	if caller.Router != "" {
		// A router sends the requests of many callers: its cache would be shared by all of them.
		return
	}
	scope := "private"
	// An authenticated caller may get another response than others.
	if t.cache == CachePublic && caller.Method == authz.None && r.Header.Get("Authorization") == "" &&
		r.Header.Get("Cookie") == "" {
		scope = "public"
	}
	directives := scope + ", no-cache"
	if seconds := int(freshness.Remaining() / time.Second); seconds > 0 {
		directives = fmt.Sprintf("%s, max-age=%d", scope, seconds)
	}
	h := w.Header()
	h.Set("Cache-Control", directives)
	h.Set("ETag", etagOf(body))
}

// etagOf returns the ETag of a body. It is weak: the compressed response has the same.
func etagOf(body answerBody) string {
	hash := sha256.New()
	for _, piece := range body {
		_, _ = hash.Write(piece)
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:16]) + `"`
}

// hasETag reports whether the client has the response already (RFC 9110, section 13.1.2).
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
