package atlassim_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

func TestVersion_isTheOneOfAccept(t *testing.T) {
	a := newAtlas(t)
	for value, ok := range map[string]bool{
		"application/vnd.atlas.2023-01-01+json":                         true,
		"application/vnd.atlas.2025-03-12+json":                         true,
		"application/vnd.atlas.2024-02-29+json":                         true,
		"application/json, application/vnd.atlas.2023-02-01+json;q=0.5": true,
		"Application/VND.Atlas.2023-01-01+JSON":                         true,
		"":                                                              false,
		"*/*":                                                           false,
		"application/json":                                              false,
		"application/vnd.atlas.2022-12-31+json":                         false,
		"application/vnd.atlas.2023-02-29+json":                         false,
		"application/vnd.atlas.preview+json":                            false,
		"application/vnd.atlas.2023-01-01+csv":                          false,
		"application/vnd.mongo.2023-01-01+json":                         false,
		"application/vnd.atlas.2022-01-01+json, application/vnd.atlas.+json": false,
	} {
		w := a.get(apiRoot, header("Accept", value))
		if ok {
			wantStatus(t, w, http.StatusOK)
			if got := w.Header().Get("Content-Type"); got != "application/vnd.atlas.2023-01-01+json;charset=utf-8" {
				t.Errorf("Accept %q: Content-Type %q names no resource version", value, got)
			}
			continue
		}
		t.Run(value, func(t *testing.T) { wantError(t, w, http.StatusNotAcceptable, "INVALID_VERSION_DATE") })
	}
}

func TestRoute_rejectsMalformedIDs(t *testing.T) {
	a := newAtlas(t)
	example := a.example("succeeded").RestoreJobID
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		apiRoot + "/nowhere":                                          {status: 404, code: "RESOURCE_NOT_FOUND"},
		jobs + "/" + example + "/more":                                {status: 404, code: "RESOURCE_NOT_FOUND"},
		groups + atlassim.SeedGroupID + "//serverless":                {status: 404, code: "RESOURCE_NOT_FOUND"},
		groups + noID:                                                 {status: 404, code: "GROUP_NOT_FOUND"},
		groups + noID + "/serverless/orders/backup/restoreJobs":       {status: 404, code: "GROUP_NOT_FOUND"},
		groups + "short":                                              {status: 400, code: "INVALID_GROUP_ID"},
		groups + strings.ToUpper(atlassim.SeedGroupID):                {status: 400, code: "INVALID_GROUP_ID"},
		groups + "%2e%2e/serverless":                                  {status: 400, code: "INVALID_GROUP_ID"},
		groups + atlassim.SeedGroupID + "/serverless/absent":          {status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND"},
		groups + atlassim.SeedGroupID + "/serverless/orders%2Fbackup": {status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND"},
		groups + atlassim.SeedGroupID + "/serverless/absent/backup/restoreJobs/" + example: {
			status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND",
		},
		groups + atlassim.SeedSecondGroupID + "/serverless/orders/backup/restoreJobs/" + example: {
			status: 404, code: "SERVERLESS_INSTANCE_NOT_FOUND",
		},
		groups + atlassim.SeedGroupID + "/serverless/" + atlassim.SeedFlexClusterName: {
			status: 400, code: "NOT_SERVERLESS_TENANT_CLUSTER",
		},
		groups + atlassim.SeedGroupID + "/serverless/" + atlassim.SeedDedicatedClusterName + "/backup/snapshots": {
			status: 400, code: "NOT_SERVERLESS_TENANT_CLUSTER",
		},
		jobs + "/" + noID:     {status: 404, code: "RESTORE_JOB_NOT_FOUND"},
		jobs + "/xyz":         {status: 400, code: "PATH_PARAM_PARSE_ERROR"},
		snaps + "/" + noID:    {status: 404, code: "SNAPSHOT_NOT_FOUND"},
		snaps + "/" + example: {status: 404, code: "SNAPSHOT_NOT_FOUND"},
		snaps + "/xyz":        {status: 400, code: "PATH_PARAM_PARSE_ERROR"},
	} {
		t.Run(path, func(t *testing.T) { wantError(t, a.get(path), want.status, want.code) })
	}
}

func TestRoute_isNotFoundOutsideTheAPI(t *testing.T) {
	a := newAtlas(t)
	for _, path := range []string{"/", "/api/atlas/v1.0", apiRoot + "x", "/api/oauth/other"} {
		wantStatus(t, a.send(http.MethodGet, path), http.StatusNotFound)
	}
}

func TestRoute_rejectsOtherMethodsWithoutABody(t *testing.T) {
	a := newAtlas(t)
	for _, method := range []string{http.MethodPost, http.MethodDelete, http.MethodOptions} {
		w := a.send(method, jobs, a.as(ownerID))
		wantStatus(t, w, http.StatusMethodNotAllowed)
		if w.Body.Len() != 0 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow %q, body %q", method, w.Header().Get("Allow"), w.Body)
		}
	}
}

func TestRole_limitsWhatACredentialReads(t *testing.T) {
	a := newAtlas(t)
	e := a.example("succeeded")
	snapshotID := a.job("succeeded")["snapshotId"].(string)
	for path, readable := range map[string]bool{
		apiRoot:                       true,
		apiRoot + "/groups":           true,
		groups + atlassim.SeedGroupID: true,
		orders:                        true,
		snaps:                         true,
		snaps + "/" + snapshotID:      true,
		jobs:                          false,
		jobs + "/" + e.RestoreJobID:   false,
	} {
		wantStatus(t, a.get(path), http.StatusOK)
		w := a.send(http.MethodGet, path, a.as(readerID))
		if readable {
			wantStatus(t, w, http.StatusOK)
		} else {
			wantError(t, w, http.StatusForbidden, "USER_UNAUTHORIZED")
		}
	}
}

func TestQuery_rejectsParametersOutOfBounds(t *testing.T) {
	a := newAtlas(t)
	for _, q := range []string{
		"pageNum=0", "pageNum=-1", "pageNum=x", "pageNum=", "pageNum=99999999999999999999",
		"itemsPerPage=0", "itemsPerPage=501", "itemsPerPage=1.5",
		"includeCount=maybe", "envelope=1", "pretty=yes",
	} {
		t.Run(q, func(t *testing.T) {
			w := a.get(jobs + "?" + q)
			wantError(t, w, http.StatusBadRequest, "VALIDATION_ERROR")
			name, _, _ := strings.Cut(q, "=")
			if !strings.Contains(w.Body.String(), `"badRequestDetail":{"fields":[{`) ||
				!strings.Contains(w.Body.String(), `"field":"`+name+`"`) {
				t.Errorf("the body does not name %s: %s", name, w.Body)
			}
		})
	}
	wantStatus(t, a.get(jobs+"?unknown=1&itemsPerPage=500&pageNum=2147483647&%zz"), http.StatusOK)
	wantStatus(t, a.get(orders+"?pageNum=0"), http.StatusOK) // one resource has no pages
}

func TestEnvelope(t *testing.T) {
	a := newAtlas(t)
	one := decode[map[string]any](t, a.get(orders+"?envelope=true"))
	content, _ := one["content"].(map[string]any)
	if one["status"] != float64(200) || content["name"] != atlassim.SeedClusterName || len(one) != 2 {
		t.Errorf("one resource: %v", one)
	}
	list := decode[map[string]any](t, a.get(jobs+"?envelope=true&itemsPerPage=1"))
	if list["status"] != float64(200) || list["results"] == nil || list["content"] != nil {
		t.Errorf("a list has its status beside its results: %v", list)
	}
	w := a.get(jobs + "/" + noID + "?envelope=true")
	wantStatus(t, w, http.StatusNotFound)
	failure := decode[map[string]any](t, w)
	content, _ = failure["content"].(map[string]any)
	if failure["status"] != float64(404) || content["errorCode"] != "RESTORE_JOB_NOT_FOUND" {
		t.Errorf("an error: %v", failure)
	}
}

func TestQuery_prettyChangesOnlyTheLayout(t *testing.T) {
	a := newAtlas(t)
	for _, path := range []string{orders, groups + noID} {
		plain, pretty := a.get(path).Body.Bytes(), a.get(path+"?pretty=true").Body.Bytes()
		var compact bytes.Buffer
		if err := json.Compact(&compact, pretty); err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(plain, pretty) || !bytes.Equal(plain, compact.Bytes()) {
			t.Errorf("%s: pretty %s\nplain %s", path, pretty, plain)
		}
	}
}

func TestAnswer_isCompressedOnRequest(t *testing.T) {
	a := newAtlas(t)
	plain := a.get(jobs)
	for value, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.5": "gzip", "*": "gzip",
		"": "", "identity": "", "gzip;q=0": "", "gzip; q=0.0, *": "",
	} {
		w := a.get(jobs, header("Accept-Encoding", value))
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, want %q", value, got, want)
			continue
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: Vary %q", value, w.Header().Get("Vary"))
		}
		if want == "" {
			continue
		}
		zr, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(zr)
		if err != nil || !bytes.Equal(got, plain.Body.Bytes()) {
			t.Errorf("Accept-Encoding %q: another body, or %v", value, err)
		}
	}
	if w := a.get(apiRoot, header("Accept-Encoding", "gzip")); w.Header().Get("Content-Encoding") != "" {
		t.Error("a short body is not worth compressing")
	}
}

func TestServerless_announcesItsSunset(t *testing.T) {
	a := newAtlas(t)
	for path, announced := range map[string]bool{
		apiRoot: false, apiRoot + "/groups": false, groups + atlassim.SeedGroupID: false,
		orders: true, jobs: true, snaps: true, jobs + "/" + noID: true,
	} {
		h := a.get(path).Header()
		wantD, wantS := "", ""
		if announced {
			wantD, wantS = "Wed, 10 Dec 2025 00:00:00 GMT", "Thu, 15 Jan 2026 00:00:00 GMT"
		}
		if h.Get("Deprecation") != wantD || h.Get("Sunset") != wantS {
			t.Errorf("%s: Deprecation %q, Sunset %q", path, h.Get("Deprecation"), h.Get("Sunset"))
		}
	}
}

func TestAnswer_hasTheDateOfTheClock(t *testing.T) {
	if got := newAtlas(t).get(apiRoot).Header().Get("Date"); got != "Wed, 04 Mar 2026 12:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
}

func TestSunset(t *testing.T) {
	a := newAtlas(t)
	job, snapshot := jobs+"/"+a.example("succeeded").RestoreJobID, snaps+"/"+noID
	check := func(t *testing.T, status int, code string) {
		t.Helper()
		for _, path := range []string{jobs, job, snaps, snapshot} {
			wantError(t, a.get(path), status, code)
		}
		wantError(t, a.get(orders), http.StatusNotFound, "SERVERLESS_INSTANCE_NOT_FOUND")
		list := decode[map[string]any](t, a.get(groups+atlassim.SeedGroupID+"/serverless"))
		if list["totalCount"] != float64(0) || len(list["results"].([]any)) != 0 {
			t.Errorf("instances after the sunset: %v", list)
		}
	}
	a.RetireServerless(true)
	check(t, http.StatusGone, "VERSION_GONE")
	a.RetireServerlessAs404(true)
	check(t, http.StatusNotFound, "RESOURCE_NOT_FOUND")
	a.RetireServerless(false)
	check(t, http.StatusNotFound, "RESOURCE_NOT_FOUND")
	a.RetireServerlessAs404(false)
	wantStatus(t, a.get(job), http.StatusOK)
	wantStatus(t, a.get(orders), http.StatusOK)
}
