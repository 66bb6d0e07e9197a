package atlassim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// faultsOfTheAPI are the failures whose body is Atlas's own error.
var faultsOfTheAPI = map[string]atlassim.Fault{
	"bad request":   {Status: 400},
	"forbidden":     {Status: 403},
	"not found":     {Status: 404},
	"no version":    {Status: 406},
	"gone":          {Status: 410},
	"rate limit":    {Status: 429, RetryAfter: "7"},
	"server error":  {Status: 500},
	"unavailable":   {Status: 503},
	"code alone":    {ErrorCode: "SOMETHING_NEW"},
	"code of a 401": {Status: 401, ErrorCode: "UNEXPECTED_ERROR"},
}

func TestFault_hasTheFormThatTheRequestAsksFor(t *testing.T) {
	for name, fault := range faultsOfTheAPI {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			as := a.as(ownerID)
			a.Inject(fault)
			bare := a.send(http.MethodGet, jobs, as)
			for query, indented := range map[string]bool{"?envelope=true": false, "?envelope=true&pretty=true": true} {
				w := a.send(http.MethodGet, jobs+query, as)
				wantStatus(t, w, bare.Code)
				got := decode[struct {
					Status  int
					Content struct {
						Error     int
						ErrorCode string
					}
				}](t, w)
				if got.Status != bare.Code || got.Content.Error != bare.Code ||
					got.Content.ErrorCode != bare.Header().Get("X-Error-Code") {
					t.Errorf("%s: %s", query, w.Body)
				}
				if strings.Contains(w.Body.String(), "\n") != indented {
					t.Errorf("%s is not as asked for: %s", query, w.Body)
				}
			}
			pretty := a.send(http.MethodGet, jobs+"?pretty=true", as)
			wantError(t, pretty, bare.Code, bare.Header().Get("X-Error-Code"))
			if !strings.Contains(pretty.Body.String(), "\n") || strings.Contains(bare.Body.String(), "\n") {
				t.Errorf("pretty %s, bare %s", pretty.Body, bare.Body)
			}
		})
	}
}

func TestFault_outsideTheAPIStaysAsItIs(t *testing.T) {
	for name, fault := range map[string]atlassim.Fault{
		"own body":      {Status: 500, Body: `{"error":500}`},
		"own success":   {Body: `{"id":"x"}`},
		"load balancer": {Status: 502},
		"other gateway": {Status: 504},
		"before it":     {Status: 401},
		"method":        {Status: 405},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			as := a.as(ownerID)
			a.Inject(fault)
			bare, dressed := a.send(http.MethodGet, jobs, as), a.send(http.MethodGet, jobs+"?envelope=true&pretty=true", as)
			if bare.Body.String() != dressed.Body.String() || bare.Code != dressed.Code {
				t.Errorf("%d %s, and with envelope and pretty %d %s", bare.Code, bare.Body, dressed.Code, dressed.Body)
			}
		})
	}
}

func TestFault_ofTheTokenEndpointIsOneOfOAuth(t *testing.T) {
	for name, tc := range map[string]struct {
		fault     atlassim.Fault
		status    int
		code      string
		challenge string
	}{
		"bad request": {fault: atlassim.Fault{Status: 400}, status: 400, code: "invalid_request", challenge: ""},
		"unauthorized": {
			fault: atlassim.Fault{Status: 401}, status: 401, code: "invalid_client", challenge: `Basic realm="MMS Public API"`,
		},
		"forbidden": {fault: atlassim.Fault{Status: 403}, status: 403, code: "access_denied", challenge: ""},
		"rate limit": {
			fault: atlassim.Fault{Status: 429, RetryAfter: "7"}, status: 429, code: "too_many_requests", challenge: "",
		},
		"server error": {fault: atlassim.Fault{Status: 500}, status: 500, code: "server_error", challenge: ""},
		"unavailable": {
			fault: atlassim.Fault{Status: 503, RetryAfter: "7"}, status: 503, code: "temporarily_unavailable", challenge: "",
		},
		"code alone": {
			fault: atlassim.Fault{ErrorCode: "unauthorized_client"}, status: 500, code: "unauthorized_client", challenge: "",
		},
		"code": {
			fault: atlassim.Fault{Status: 400, ErrorCode: "invalid_scope"}, status: 400, code: "invalid_scope", challenge: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAtlas(t)
			a.Inject(tc.fault)
			for _, path := range []string{"/api/oauth/token", "/api/oauth/revoke", "/api/oauth/token?envelope=true&pretty=true"} {
				w := a.postForm(path, ownerID, url.Values{"grant_type": {"client_credentials"}, "token": {"x"}})
				wantStatus(t, w, tc.status)
				e := decode[map[string]string](t, w)
				if e["error"] != tc.code || e["error_description"] == "" || len(e) != 2 {
					t.Errorf("%s: error %v, want %s with a description", path, e, tc.code)
				}
				h := w.Header()
				if h.Get("Retry-After") != tc.fault.RetryAfter || h.Get("WWW-Authenticate") != tc.challenge ||
					h.Get("X-Error-Code") != "" || h.Get("Content-Type") != "application/json" {
					t.Errorf("%s: header %v", path, h)
				}
			}
		})
	}
}

func TestFault_ofTheTokenEndpointMayBeAnother(t *testing.T) {
	for name, tc := range map[string]struct {
		fault             atlassim.Fault
		contentType, body string
	}{
		"own body": {
			fault: atlassim.Fault{Status: 400, ContentType: "text/plain", Body: "no"}, contentType: "text/plain", body: "no",
		},
		"load balancer": {fault: atlassim.Fault{Status: 502}, contentType: "text/html", body: "<html>"},
		"method":        {fault: atlassim.Fault{Status: 405}, contentType: "", body: ""},
	} {
		a := newAtlas(t)
		a.Inject(tc.fault)
		w := a.requestToken(ownerID)
		if w.Code != tc.fault.Status || w.Header().Get("Content-Type") != tc.contentType ||
			!strings.HasPrefix(w.Body.String(), tc.body) {
			t.Errorf("%s: %d %v %s", name, w.Code, w.Header(), w.Body)
		}
	}
}

// Only Dedicated snapshots on demand were seen; all that are have the same frequency.
func TestSnapshot_onDemandHasItsType(t *testing.T) {
	a := newAtlas(t)
	for _, path := range []string{
		snaps, billing + "/backup/snapshots", reporting + "/backup/snapshots",
		reporting + "/backup/snapshots/shardedClusters",
	} {
		onDemand := 0
		for _, sn := range decode[struct {
			Results []struct{ SnapshotType, FrequencyType string }
		}](t, a.get(path)).Results {
			if (sn.SnapshotType == "onDemand") != (sn.FrequencyType == "ondemand") {
				t.Errorf("%s: %+v", path, sn)
			}
			if sn.SnapshotType == "onDemand" {
				onDemand++
			}
		}
		if onDemand != 2 {
			t.Errorf("%s: %d snapshots on demand", path, onDemand)
		}
	}
}
