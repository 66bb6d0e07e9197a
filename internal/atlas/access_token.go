package atlas

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"atlas-restore-gateway/internal/httpclient"
	"atlas-restore-gateway/internal/secret"
)

const (
	opCreateToken = "createAccessToken"
	tokenPath     = "/api/oauth/token" //nolint:gosec // a path, not a credential

	maxTokenBytes = 64 << 10

	// The lifetime of a token whose expires_in says none, and the longest that is believed.
	unsaidTokenLifetime = time.Minute
	maxTokenLifetime    = 24 * time.Hour

	// tokenRetryLimited is the wait after a 429 that does not say how long: ten tokens a minute are
	// granted.
	tokenRetryLimited = time.Minute / 10
)

// accessToken is an access token of a service account.
type accessToken struct {
	value    secret.Text
	lifetime time.Duration // when it was made
	expiry   time.Time
}

// tokenEndpoint makes access tokens by the client credentials grant (RFC 6749, section 4.4).
type tokenEndpoint struct {
	url     string
	account ServiceAccount
	client  *http.Client // without retries: they are made here
}

// fetch makes a token: Atlas operation createAccessToken, one or two calls within ctx. The second one
// follows a connection that ended, no answer in time, and a 429 or 503 that asks to wait for
// maxRetryWait at most. To ask twice changes nothing but that an unused token expires in an hour.
func (t *tokenEndpoint) fetch(ctx context.Context) (*accessToken, *Error) {
	token, err := t.request(ctx)
	wait, again := tokenRepetition(err)
	if !again || ctx.Err() != nil {
		return token, tokenError(ctx, err)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, tokenError(ctx, err)
	}
	token, err = t.request(ctx)
	return token, tokenError(ctx, err)
}

// tokenRepetition reports whether a request that failed by err is made again, and after which wait.
func tokenRepetition(err error) (time.Duration, bool) {
	var answered *Error
	var netErr net.Error
	switch {
	case err == nil:
		return 0, false
	case errors.As(err, &answered):
		limited := answered.Status == http.StatusTooManyRequests || answered.Status == http.StatusServiceUnavailable
		return answered.RetryAfter, limited && answered.RetryAfter > 0 && answered.RetryAfter <= maxRetryWait
	default:
		return 0, httpclient.ConnectionEnded(err) || errors.As(err, &netErr) && netErr.Timeout()
	}
}

// tokenError makes an *Error of what request returned.
func tokenError(ctx context.Context, err error) *Error {
	var e *Error
	if err == nil || errors.As(err, &e) || errors.As(transportError(ctx, opCreateToken, err), &e) {
		return e
	}
	return &Error{Op: opCreateToken, Kind: KindUnavailable, Err: err}
}

// request asks for a token once. An answer that is none is an *Error; what prevented an answer is the
// error of net/http.
func (t *tokenEndpoint) request(ctx context.Context) (*accessToken, error) {
	form := url.Values{"grant_type": {"client_credentials"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, strings.NewReader(form))
	if err != nil {
		return nil, &Error{Op: opCreateToken, Kind: KindMalformed, Err: errors.New("the request cannot be built")}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "atlas-restore-gateway")
	// RFC 6749, section 2.3.1.
	req.SetBasicAuth(url.QueryEscape(t.account.ClientID), url.QueryEscape(string(t.account.ClientSecret)))
	res, err := t.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxTokenBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxTokenBytes:
		return nil, &Error{Op: opCreateToken, Kind: KindMalformed, Status: res.StatusCode, Err: errTooLarge}
	case res.StatusCode != http.StatusOK:
		refusal := tokenRefusal(res.StatusCode, res.Header, body)
		refusal.scrub(t.account.ClientSecret)
		return nil, refusal
	}
	return decodeToken(body)
}

// decodeToken reads the answer of RFC 6749, section 5.1.
func decodeToken(body []byte) (*accessToken, error) {
	var answer struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.AccessToken == "" {
		return nil, &Error{Op: opCreateToken, Kind: KindMalformed, Status: http.StatusOK, Err: errors.New("the answer holds no access token")}
	}
	lifetime := tokenLifetime(answer.ExpiresIn)
	return &accessToken{value: secret.Text(answer.AccessToken), lifetime: lifetime, expiry: time.Now().Add(lifetime)}, nil
}

// tokenLifetime reads expires_in, in seconds, as a number or a text. What is absent, is no number or
// would have expired before it is used is unsaidTokenLifetime: a token that is used for longer costs
// a refusal, and one that is never used for longer than a moment the limit of the endpoint.
func tokenLifetime(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
	if err != nil || math.IsInf(seconds, 0) || !(seconds > tokenUnusableAt.Seconds()) {
		return unsaidTokenLifetime
	}
	return time.Duration(min(seconds, maxTokenLifetime.Seconds()) * float64(time.Second))
}

// tokenRefusal makes an *Error of an answer that is not a success: in the shape of the API, or in the
// one of RFC 6749, section 5.2. A page is neither.
func tokenRefusal(status int, header http.Header, body []byte) *Error {
	e := answerError(opCreateToken, status, header, body)
	var refusal struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	byOAuth := json.Unmarshal(body, &refusal) == nil && refusal.Error != ""
	if byOAuth && (IsForeign(e) || e.Detail == "") {
		e.Kind, e.Err, e.Detail = KindAnswered, nil, refusal.Description
	}
	switch {
	case e.Kind != KindAnswered:
	case status == http.StatusTooManyRequests:
		e.RetryAfter = tokenLimitWait(header, e)
	case status == http.StatusBadRequest, status == http.StatusUnauthorized, status == http.StatusForbidden && byOAuth:
		// A 403 in the shape of the API is about something else, such as the access list.
		e.Kind = KindCredential
	}
	return e
}

// tokenLimitWait is how long a 429 of the token endpoint asks to wait: the header, or the parameters of
// RATE_LIMITED_TOKEN_BUCKET, or those of RATE_LIMITED, [path, requests, minutes].
func tokenLimitWait(header http.Header, e *Error) time.Duration {
	if wait := retryAfter(header, e.ErrorCode, e.Parameters); wait > 0 {
		return wait
	}
	var list []json.RawMessage
	if e.ErrorCode == "RATE_LIMITED" && json.Unmarshal(e.Parameters, &list) == nil && len(list) > 2 {
		requests, minutes := parameterSeconds(list[1]).Seconds(), parameterSeconds(list[2]).Seconds()
		if requests > 0 && minutes > 0 {
			return min(max(time.Duration(minutes/requests*float64(time.Minute)), time.Second), maxRetryAfter)
		}
	}
	return tokenRetryLimited
}
