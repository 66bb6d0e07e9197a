package atlassim

import (
	"net/http"
	"time"
)

// faultAnswer returns the answer of a fault.
func (s *Simulator) faultAnswer(f Fault, r *http.Request, now time.Time) answer {
	a := answer{status: f.Status, contentType: f.ContentType, body: []byte(f.Body)}
	switch {
	case f.Body != "":
		if a.status == 0 {
			a.status = http.StatusOK
		}
		if a.contentType == "" {
			a.contentType = jsonType
		}
	case isOAuth(r):
		a = defaultOAuthFailure(f)
	default:
		a = s.defaultFailure(f, r)
	}
	if a.status == http.StatusUnauthorized { // never without a challenge, whatever the body
		challenge := challenge(s.nonces.issue(now), false)
		if isOAuth(r) {
			challenge = basicChallenge
		}
		a.header = append(a.header, field{"WWW-Authenticate", challenge})
	}
	if f.RetryAfter != "" {
		a.header = append(a.header, field{"Retry-After", f.RetryAfter})
	}
	return a
}

// failureStatus returns the status of a fault without a body.
func (f Fault) failureStatus() int {
	if f.Status == 0 {
		return http.StatusInternalServerError
	}
	return f.Status
}

// defaultFailure returns the answer that Atlas sends with the status of a fault, in the form that the request asks for.
func (s *Simulator) defaultFailure(f Fault, r *http.Request) answer {
	status := f.failureStatus()
	q, _ := parseQuery(r.URL.RawQuery, false)
	if f.ErrorCode != "" {
		return newError(status, f.ErrorCode, "The request could not be completed.").answer(q)
	}
	path := r.URL.EscapedPath()
	switch status {
	case http.StatusBadRequest:
		return newError(status, "VALIDATION_ERROR", "The request is not valid.").answer(q)
	case http.StatusUnauthorized:
		return unauthorizedBody()
	case http.StatusForbidden:
		return newError(status, "IP_ADDRESS_NOT_ON_ACCESS_LIST",
			"This address may not use the API with this key.", "192.0.2.1").answer(q)
	case http.StatusNotFound:
		return errNoResource(path).answer(q)
	case http.StatusMethodNotAllowed:
		return answer{status: status}
	case http.StatusNotAcceptable:
		return errVersion().answer(q)
	case http.StatusGone:
		return errGone("2023-01-01").answer(q)
	case http.StatusTooManyRequests:
		return errRateLimited(path, s.backup, refillEvery).answer(q)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return loadBalancerPage(status)
	default:
		return newError(status, "UNEXPECTED_ERROR", "Something went wrong on the server.").answer(q)
	}
}

// defaultOAuthFailure returns the answer of the token endpoint with the status of a fault. RFC 6749 has the errors of
// 400 and 401; the others are inferred.
func defaultOAuthFailure(f Fault) answer {
	const description = "The request could not be completed."
	status := f.failureStatus()
	if f.ErrorCode != "" {
		return oauthError(status, f.ErrorCode, description)
	}
	switch status {
	case http.StatusBadRequest:
		return oauthError(status, "invalid_request", description)
	case http.StatusUnauthorized:
		return oauthError(status, "invalid_client", description)
	case http.StatusForbidden:
		return oauthError(status, "access_denied", description)
	case http.StatusMethodNotAllowed:
		return errMethod(http.MethodPost)
	case http.StatusTooManyRequests:
		return oauthError(status, tooManyTokens, description)
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return loadBalancerPage(status)
	case http.StatusServiceUnavailable:
		return oauthError(status, "temporarily_unavailable", description)
	default:
		return oauthError(status, "server_error", description)
	}
}

// loadBalancerPage returns the HTML page of a load balancer before Atlas.
func loadBalancerPage(status int) answer {
	text := http.StatusText(status)
	return answer{status: status, contentType: "text/html",
		body: []byte("<html><head><title>" + text + "</title></head><body><h1>" + text + "</h1></body></html>\n")}
}
