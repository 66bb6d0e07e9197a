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

	// The lifetime of a token without a valid expires_in, and the longest one of others.
	defaultTokenLifetime = time.Minute
	maxTokenLifetime     = 24 * time.Hour

	// tokenRetryLimited is the wait after a 429 that does not state one: Atlas allows ten token
	// requests a minute.
	tokenRetryLimited = time.Minute / 10
)

// accessToken is an access token of a service account.
type accessToken struct {
	value    secret.Text
	lifetime time.Duration // from when it was requested
	expiry   time.Time
}

// tokenEndpoint requests access tokens by the client credentials grant (RFC 6749, section 4.4).
type tokenEndpoint struct {
	url     string
	account ServiceAccount
	client  *http.Client // without retries, which fetch makes
}

// fetch requests a token: Atlas operation createAccessToken, one or two calls within ctx. The second one
// follows a connection that ended, a timeout, and a 429 or 503 that asks to wait for at most
// maxRetryWait. A token that is requested and not used expires in an hour.
func (t *tokenEndpoint) fetch(ctx context.Context) (*accessToken, *Error) {
	token, err := t.request(ctx)
	wait, retry := tokenRetryWait(err)
	if !retry || ctx.Err() != nil {
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

// tokenRetryWait reports whether a request that failed with err is repeated, and returns the wait before.
func tokenRetryWait(err error) (time.Duration, bool) {
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

// tokenError returns the error of request as an *Error.
func tokenError(ctx context.Context, err error) *Error {
	var e *Error
	if err == nil || errors.As(err, &e) || errors.As(transportError(ctx, opCreateToken, err), &e) {
		return e
	}
	return &Error{Op: opCreateToken, Kind: KindUnavailable, Err: err}
}

// request requests a token once. The error of a response is an *Error, and that of a request without a
// response is the one of net/http.
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
		e := tokenErrorAnswer(res.StatusCode, res.Header, body)
		e.scrub(t.account.ClientSecret)
		return nil, e
	}
	return decodeToken(body)
}

// decodeToken decodes a response of RFC 6749, section 5.1.
func decodeToken(body []byte) (*accessToken, error) {
	var answer struct {
		AccessToken string          `json:"access_token"`
		ExpiresIn   json.RawMessage `json:"expires_in"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.AccessToken == "" {
		return nil, &Error{
			Op: opCreateToken, Kind: KindMalformed, Status: http.StatusOK, Err: errors.New("the answer holds no access token"),
		}
	}
	lifetime := tokenLifetime(answer.ExpiresIn)
	return &accessToken{value: secret.Text(answer.AccessToken), lifetime: lifetime, expiry: time.Now().Add(lifetime)}, nil
}

// tokenLifetime parses expires_in, in seconds, as a number or a string. It is defaultTokenLifetime where
// expires_in is missing, not a number, or so short that the token could not be used: a token that
// expires earlier costs a 401, and one that is never used would cost a token request for each call.
func tokenLifetime(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
	if err != nil || math.IsInf(seconds, 0) || !(seconds > tokenUnusableAt.Seconds()) {
		return defaultTokenLifetime
	}
	return time.Duration(min(seconds, maxTokenLifetime.Seconds()) * float64(time.Second))
}

// tokenErrorAnswer returns the *Error of a response that is not a success. Its body has the form of the
// API or of RFC 6749, section 5.2; otherwise it is KindMalformed.
func tokenErrorAnswer(status int, header http.Header, body []byte) *Error {
	e := answerError(opCreateToken, status, header, body)
	var oauthError struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	byOAuth := json.Unmarshal(body, &oauthError) == nil && oauthError.Error != ""
	if byOAuth && (IsForeign(e) || e.Detail == "") {
		e.Kind, e.Err, e.Detail = KindAnswered, nil, oauthError.Description
	}
	switch {
	case e.Kind != KindAnswered:
	case status == http.StatusTooManyRequests:
		e.RetryAfter = tokenLimitWait(header, e)
	case status == http.StatusBadRequest, status == http.StatusUnauthorized, status == http.StatusForbidden && byOAuth:
		// A 403 in the form of the API is about something else, such as the access list.
		e.Kind = KindCredential
	}
	return e
}

// tokenLimitWait returns how long a 429 of the token endpoint asks to wait: by the header, by the
// parameters of RATE_LIMITED_TOKEN_BUCKET, or by those of RATE_LIMITED, [path, requests, minutes].
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
