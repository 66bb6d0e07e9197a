package atlas

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// lesson is what one answer tells about its bucket. What it does not tell is zero.
type lesson struct {
	limit        float64 // calls; the capacity
	perSecond    float64 // calls a second; the refill
	remaining    float64 // calls
	hasRemaining bool
	refused      bool          // the answer is a 429
	wait         time.Duration // how long a 429 asks to wait, or is taken to
	unsaid       bool          // the 429 does not say how long
}

// lessonOf reads RateLimit-Limit, RateLimit-Remaining and, of a 429, Retry-After and
// the body, which can be read again afterwards. Any of them may be missing, and what
// is not a number is as good as missing.
func lessonOf(res *http.Response) lesson {
	var l lesson
	l.limit, _ = headerCount(res.Header, "RateLimit-Limit")
	l.remaining, l.hasRemaining = headerCount(res.Header, "RateLimit-Remaining")
	if res.StatusCode != http.StatusTooManyRequests {
		return l
	}
	e := answerError("", res.StatusCode, res.Header, bodyOf(res))
	l.refused, l.wait = true, e.RetryAfter
	l.unsaid = retryAfter(res.Header, e.ErrorCode, e.Parameters) == 0
	if e.ErrorCode != codeTokenBucket {
		// The older RATE_LIMITED tells calls and minutes of a limit of one path
		// alone; it is no measure for the whole set.
		return l
	}
	// [path, retryAfterSeconds, capacity, refill, refillSeconds]
	var list []json.RawMessage
	if json.Unmarshal(e.Parameters, &list) != nil || len(list) < 5 {
		return l
	}
	capacity, refill, seconds := parameterSeconds(list[2]), parameterSeconds(list[3]), parameterSeconds(list[4])
	if capacity > 0 {
		l.limit = capacity.Seconds()
	}
	if refill > 0 && seconds > 0 {
		l.perSecond = refill.Seconds() / seconds.Seconds()
	}
	return l
}

// headerCount reads a header that is a whole number from 0.
func headerCount(header http.Header, name string) (float64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(header.Get(name)), 10, 31)
	return float64(n), err == nil
}

// statedWait is how long a 429 or a 503 asks to wait; 0 when a 503 does not say.
func statedWait(res *http.Response) time.Duration {
	switch res.StatusCode {
	case http.StatusTooManyRequests:
		return lessonOf(res).wait
	case http.StatusServiceUnavailable:
		return retryAfter(res.Header, "", nil)
	default:
		return 0
	}
}
