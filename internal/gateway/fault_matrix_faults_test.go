package gateway

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"atlas-restore-gateway/internal/atlassim"
)

// upstreamFault is a way in which one call of Atlas fails: by Atlas, or by something before it. None of them says that
// something does not exist.
type upstreamFault struct {
	name string
	// answer answers in the simulator's place; body is what the simulator would send.
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
	// code is one that only this fault may lead to; most lead to those of failureCodes alone.
	code string
}

// failureCodes are the codes of a failure. Every other code tells of the client or of Atlas's data, and a failure
// must not get it.
var failureCodes = map[string]bool{
	codeUpstreamError: true, codeUpstreamTimeout: true, codeUpstreamUnavailable: true, codeUpstreamForbidden: true,
	codeUpstreamUnauthenticated: true, codeRateLimited: true, codeOperationTimeout: true,
}

const (
	html    = "text/html; charset=utf-8"
	jsonAPI = "application/json"
	page    = "<!DOCTYPE html><html><body><h1>The page cannot be shown</h1></body></html>"
)

// says answers with a status and a body; headers are "Name: value".
func says(status int, contentType, body string, headers ...string) func(http.ResponseWriter, *http.Request, []byte) {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte) {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// saysInShape answers with an error in the shape of Atlas's API.
func saysInShape(status int, errorCode string, headers ...string) func(http.ResponseWriter, *http.Request, []byte) {
	return says(status, jsonAPI,
		fmt.Sprintf(`{"error":%d,"errorCode":%q,"reason":%q,"detail":"of the test","parameters":[]}`,
			status, errorCode, http.StatusText(status)), headers...)
}

// cut sends the head of an answer and part of its body, and ends the connection.
func cut(part func(body []byte) []byte) func(http.ResponseWriter, *http.Request, []byte) {
	return func(w http.ResponseWriter, _ *http.Request, body []byte) {
		w.Header().Set("Content-Type", jsonAPI)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(part(body))
		panic(http.ErrAbortHandler)
	}
}

func half(body []byte) []byte   { return body[:len(body)/2] }
func nothing(_ []byte) []byte   { return nil }
func almost(body []byte) []byte { return body }

// hang answers nothing until the gateway leaves, which is noticed only when its body has been read.
func hang(_ http.ResponseWriter, r *http.Request, _ []byte) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// reset ends the connection without an answer.
func reset(w http.ResponseWriter, _ *http.Request, _ []byte) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}

// matrixFaults are the faults of the matrix.
var matrixFaults = []upstreamFault{
	{name: "500", answer: saysInShape(500, "UNEXPECTED_ERROR")},
	{name: "500 in HTML", answer: says(500, html, page)},
	{name: "502 in HTML", answer: says(502, html, page)},
	{name: "503", answer: saysInShape(503, "SERVICE_UNAVAILABLE")},
	{name: "504 without a body", answer: says(504, "", "")},
	{name: "429", answer: saysInShape(429, "RATE_LIMITED_TOKEN_BUCKET")},
	{name: "429 with a wait", answer: saysInShape(429, "RATE_LIMITED", "Retry-After: 3")},
	{name: "429 in HTML", answer: says(429, html, page, "Retry-After: soon")},
	{name: "404 in HTML", answer: says(404, html, page)},
	{name: "404 without a body", answer: says(404, "", "")},
	{name: "404 of another product", answer: says(404, jsonAPI, `{"message":"no Route matched with those values"}`)},
	{name: "404 in HTML with an error code", answer: says(404, html, page, "X-Error-Code: CLUSTER_NOT_FOUND")},
	{name: "404 in HTML with the code of a snapshot", answer: says(404, html, page, "X-Error-Code: SNAPSHOT_NOT_FOUND")},
	{name: "410 in HTML", answer: says(410, html, page)},
	{name: "400 in HTML", answer: says(400, html, page)},
	{name: "403 in HTML", answer: says(403, html, page)},
	{name: "403", answer: saysInShape(403, "USER_UNAUTHORIZED")},
	{name: "403 of an address", answer: saysInShape(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST")},
	{name: "401 without a challenge", answer: saysInShape(401, "UNEXPECTED_ERROR")},
	{name: "400 with an unknown code", answer: saysInShape(400, "SOMETHING_NEW"), code: codeBadRequest},
	{name: "406", answer: saysInShape(406, "INVALID_VERSION_DATE")},
	{name: "a redirect", answer: says(302, html, page, "Location: https://login.example.com/")},
	{name: "no answer", answer: hang},
	{name: "a reset", answer: reset},
	{name: "half a body", answer: cut(half)},
	{name: "a head alone", answer: cut(nothing)},
	{name: "a body without its end", answer: cut(almost)},
	{name: "half of the JSON", answer: func(w http.ResponseWriter, r *http.Request, body []byte) {
		says(200, jsonAPI, string(half(body)))(w, r, body)
	}},
	{
		name:   "a body beyond the bound",
		answer: says(200, jsonAPI, `{"results":[],"id":"`+strings.Repeat("x", matrixBodyBytes)+`"}`),
	},
	{name: "a sign-in page", answer: says(200, html, page)},
	{name: "null", answer: says(200, jsonAPI, "null")},
	{name: "a list", answer: says(200, jsonAPI, "[]")},
	{name: "a text", answer: says(200, jsonAPI, `"ok"`)},
	{name: "an empty object", answer: says(200, jsonAPI, "{}")},
	{name: "an empty body", answer: says(200, jsonAPI, "")},
	{name: "204", answer: says(204, "", "")},
	{
		name:   "an error under status 200",
		answer: says(200, jsonAPI, `{"error":500,"errorCode":"UNEXPECTED_ERROR","reason":"Internal Server Error"}`),
	},
	{name: "gzip that is none", answer: says(200, jsonAPI, "\x1f\x8bnot gzip", "Content-Encoding: gzip")},
}

// matrixBodyBytes is the bound on Atlas's answers in the matrix.
const matrixBodyBytes = 1 << 20

// faultyAtlas is the simulator, of which one kind of call fails while a fault is set.
type faultyAtlas struct {
	options []atlassim.Option
	retired bool // the serverless API

	mu     sync.Mutex
	sim    *atlassim.Simulator
	asked  map[string]bool // the calls since the last renewal
	fault  *upstreamFault
	call   string // the call that fails, as callOf or kindOf names it, or everyCall
	struck int    // how many calls have failed
}

var (
	idsInPath     = regexp.MustCompile(`[0-9a-f]{24}`)
	clusterInPath = regexp.MustCompile(`/(serverless|clusters|flexClusters)/[^/]+`)
)

// callOf names a call by its method and path, or as one that got a Digest challenge.
func callOf(r *http.Request, answer *httptest.ResponseRecorder) string {
	if answer.Code == http.StatusUnauthorized {
		return "a challenge"
	}
	return r.Method + " " + r.URL.Path
}

// everyCall stands for all calls.
const everyCall = "every call"

// kindOf names what calls for different ids and clusters have in common.
func kindOf(call string) string {
	return clusterInPath.ReplaceAllString(idsInPath.ReplaceAllString(call, "{id}"), "/$1/{name}")
}

func (f *faultyAtlas) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	sim := f.sim
	f.mu.Unlock()
	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, r)
	if fault := f.strikes(callOf(r, answer)); fault != nil {
		fault.answer(w, r, answer.Body.Bytes())
		return
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// strikes is the fault that the call gets, or nil.
func (f *faultyAtlas) strikes(call string) *upstreamFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked[call] = true
	if f.fault == nil || f.call != everyCall && call != f.call && kindOf(call) != f.call {
		return nil
	}
	f.struck++
	return f.fault
}

// renew makes another simulator, of the same jobs: no limit of it is reached, and each nonce is unknown to it.
func (f *faultyAtlas) renew() {
	sim := atlassim.New(f.options...)
	sim.RetireServerless(f.retired)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sim, f.asked = sim, make(map[string]bool)
}

// set has a call, or all of a kind, fail from now on; nil for none. It returns how many have failed of the last.
func (f *faultyAtlas) set(fault *upstreamFault, call string) (struck int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	struck = f.struck
	f.fault, f.call, f.struck = fault, call, 0
	return struck
}

// calls returns the calls since the last renewal.
func (f *faultyAtlas) calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return sortedKeys(f.asked)
}
