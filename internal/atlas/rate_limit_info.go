package atlas

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rateLimitInfo is what one response says of its bucket. Other fields are zero.
type rateLimitInfo struct {
	limit        float64 // the capacity, in calls
	perSecond    float64 // the refill, in calls a second
	remaining    float64 // calls
	hasRemaining bool
	limited      bool          // the response is a 429
	wait         time.Duration // how long to wait after a 429
	waitUnknown  bool          // the 429 does not state the wait, which is a default
}

// rateLimitInfoOf reads RateLimit-Limit, RateLimit-Remaining and, of a 429, Retry-After and the body.
// Each may be missing. A value that is not a number counts as missing.
func rateLimitInfoOf(res *http.Response) rateLimitInfo {
	var info rateLimitInfo
	info.limit, _ = headerCount(res.Header, "RateLimit-Limit")
	info.remaining, info.hasRemaining = headerCount(res.Header, "RateLimit-Remaining")
	if res.StatusCode != http.StatusTooManyRequests {
		return info
	}
	e := answerError("", res.StatusCode, res.Header, bodyOf(res))
	info.limited, info.wait = true, e.RetryAfter
	info.waitUnknown = retryAfter(res.Header, e.ErrorCode, e.Parameters) == 0
	if e.ErrorCode != codeTokenBucket {
		// The parameters of the older RATE_LIMITED are about one path and not the endpoint set.
		return info
	}
	// [path, retryAfterSeconds, capacity, refill, refillSeconds]
	var list []json.RawMessage
	if json.Unmarshal(e.Parameters, &list) != nil || len(list) < 5 {
		return info
	}
	capacity, refill, seconds := parameterSeconds(list[2]), parameterSeconds(list[3]), parameterSeconds(list[4])
	if capacity > 0 {
		info.limit = capacity.Seconds()
	}
	if refill > 0 && seconds > 0 {
		info.perSecond = refill.Seconds() / seconds.Seconds()
	}
	return info
}

// headerCount parses a header that is a whole number from 0, and reports whether it is one.
func headerCount(header http.Header, name string) (float64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(header.Get(name)), 10, 31)
	return float64(n), err == nil
}

// requestedWait returns how long a 429 or a 503 asks to wait; 0 where a 503 does not say.
func requestedWait(res *http.Response) time.Duration {
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		return rateLimitInfoOf(res).wait
	case http.StatusServiceUnavailable:
		return retryAfter(res.Header, "", nil)
	default:
		return 0
	}
}
