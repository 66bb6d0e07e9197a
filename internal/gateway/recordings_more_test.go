package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"atlas-restore-gateway/internal/test/recordings"
)

// recordedPlaces are the paths of recordings, the queries that read what they return, where that is in the response,
// and the type of it.
var recordedPlaces = []struct {
	path, query, place, typename string
	listed                       bool // what is recorded by itself is read from its list
}{
	{
		path: `/clusters/([^/]+)/backup/schedule$`, typename: "BackupSchedule", place: "cluster.backupSchedule",
		query: `{ cluster(groupId: %q, clusterName: %q) { backupSchedule %s } }`,
	},
	{
		path: `/clusters/([^/]+)/backup/exports`, typename: "SnapshotExport", place: "cluster.snapshotExports.nodes",
		query: `{ cluster(groupId: %q, clusterName: %q) { snapshotExports(first: 500) { nodes %s } } }`, listed: true,
	},
	{
		path: `/(backup)/exportBuckets`, typename: "ExportBucket", place: "project.exportBuckets.nodes", listed: true,
		query: `{ project(groupId: %q) { exportBuckets(first: 500) { nodes %[3]s } } }`,
	},
	{
		path: `/(backupCompliancePolicy)$`, typename: "BackupCompliancePolicy", place: "project.backupCompliancePolicy",
		query: `{ project(groupId: %q) { backupCompliancePolicy %[3]s } }`,
	},
	{
		path: `/groups/[^/]+/(events)$`, typename: "RestoreEvent", place: "project.restoreEvents.nodes", listed: true,
		query: `{ project(groupId: %q) { restoreEvents(first: 500) { nodes %[3]s } } }`,
	},
	{
		path: `/(orgs)(/[^/]+)?$`, typename: "AtlasOrganization", place: "organizations.nodes", listed: true,
		query: `{ organizations(first: 500) { nodes %[3]s } }`,
	},
}

// recordedNames are the fields whose names differ from those of Atlas.
var recordedNames = map[string]string{"_id": "id"}

func TestRecordings_ofAllElseLoseNoField(t *testing.T) {
	walk := newSchemaWalk()
	walk.links = 0
	counts := map[string]int{}
	for _, x := range recordings.MoreExchanges(t) {
		for _, place := range recordedPlaces {
			found := regexp.MustCompile(place.path).FindStringSubmatch(x.Path)
			if found == nil || x.Status != http.StatusOK {
				continue
			}
			body := x.Body
			if place.listed && !strings.Contains(body, `"results":`) {
				body = `{"results":[` + body + `]}`
			}
			group, _, _ := strings.Cut(strings.TrimPrefix(x.Path, "/api/atlas/v2/groups/"), "/")
			e := newEnv(t, withUpstream(&recordedAtlas{group: group, cluster: found[1], place: place.path, body: body}), bare)
			query := fmt.Sprintf(place.query+"%.0[2]s", group, found[1], walk.selection(walk.schema.Types[place.typename],
				map[string]bool{}))
			r := e.post(t, query, nil)
			if len(r.Errors) > 0 || r.Status != http.StatusOK {
				t.Fatalf("%s: %s", x.Path, r.Raw)
			}
			got := at(t, r.Data, place.place)
			var want any = object(t, json.RawMessage(body))
			if place.listed {
				want = restoreTypesOf(object(t, json.RawMessage(body))["results"], place.typename)
				counts[place.typename] += len(want.([]any))
			} else {
				counts[place.typename]++
			}
			for _, lost := range lostFrom(want, got, place.place) {
				t.Errorf("%s: %s", x.Path, lost)
			}
		}
	}
	for typename, least := range map[string]int{
		"BackupSchedule": 11, "SnapshotExport": 9, "ExportBucket": 100, "BackupCompliancePolicy": 6, "RestoreEvent": 4,
		"AtlasOrganization": 6,
	} {
		if counts[typename] < least {
			t.Errorf("only %d of %s were replayed", counts[typename], typename)
		}
	}
}

func TestRecordings_ofNoBackupsAreNull(t *testing.T) {
	replayed := 0
	for _, x := range recordings.MoreExchanges(t) {
		found := regexp.MustCompile(recordedPlaces[0].path).FindStringSubmatch(x.Path)
		if found == nil || x.Status != http.StatusNotFound {
			continue
		}
		replayed++
		group, _, _ := strings.Cut(strings.TrimPrefix(x.Path, "/api/atlas/v2/groups/"), "/")
		e := newEnv(t, bare, withUpstream(&recordedAtlas{
			group: group, cluster: found[1], place: recordedPlaces[0].path, body: x.Body, status: x.Status,
		}))
		r := e.post(t, fmt.Sprintf(recordedPlaces[0].query, group, found[1], "{ clusterId }"), nil)
		if len(r.Errors) > 0 || string(r.Data["cluster"]) != `{"backupSchedule":null}` {
			t.Errorf("%s: %s", x.Path, r.Raw)
		}
	}
	if replayed == 0 {
		t.Error("nothing was replayed")
	}
}

// restoreTypesOf returns the elements of a list; of events those that Atlas is asked for.
func restoreTypesOf(results any, typename string) []any {
	all, _ := results.([]any)
	return slices.DeleteFunc(all, func(one any) bool {
		name, _ := one.(map[string]any)["eventTypeName"].(string)
		return typename == "RestoreEvent" && !isRestoreType(name)
	})
}

func isRestoreType(name string) bool {
	return regexp.MustCompile(`^(CPS|TENANT)_.*(RESTORE|EXPORT|DOWNLOAD)`).MatchString(name)
}

// at returns a value of a response.
func at(t *testing.T, data map[string]json.RawMessage, place string) any {
	t.Helper()
	first, rest, _ := strings.Cut(place, ".")
	var value any
	if err := json.Unmarshal(data[first], &value); err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(rest, ".") {
		value = value.(map[string]any)[name]
	}
	return value
}

// lostFrom returns what Atlas has sent and the response does not have.
func lostFrom(want, got any, place string) (lost []string) {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			return []string{place + " is missing"}
		}
		for name, value := range want {
			if renamed := recordedNames[name]; renamed != "" {
				name = renamed
			}
			lost = append(lost, lostFrom(value, have[name], place+"."+name)...)
		}
		return lost
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			return []string{fmt.Sprintf("%s has %d elements, want %d", place, len(have), len(want))}
		}
		for i := range want {
			lost = append(lost, lostFrom(want[i], have[i], fmt.Sprint(place, ".", i))...)
		}
		return lost
	case string:
		if have, _ := got.(string); have == want || sameMoment(have, want) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %v, want %v", place, got, want)}
}

func sameMoment(a, b string) bool {
	first, errA := time.Parse(time.RFC3339, a)
	second, errB := time.Parse(time.RFC3339, b)
	return errA == nil && errB == nil && first.Equal(second)
}

// recordedAtlas is an Atlas that has one project with one Dedicated cluster, and answers with a recording what is below
// one path.
type recordedAtlas struct {
	group, cluster string
	place, body    string
	status         int
}

func (a *recordedAtlas) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler := map[string]string{
		"/api/atlas/v2/groups/" + a.group:                            `{"id":"` + a.group + `"}`,
		"/api/atlas/v2/groups/" + a.group + "/clusters/" + a.cluster: `{"id":"650000000000000000000001","name":"` + a.cluster + `"}`,
	}
	body, known := handler[r.URL.Path]
	if regexp.MustCompile(a.place).MatchString(r.URL.Path) {
		body, known = a.body, true
		if types := r.URL.Query()["eventType"]; types != nil {
			var list map[string]any
			_ = json.Unmarshal([]byte(body), &list)
			list["results"] = slices.DeleteFunc(list["results"].([]any), func(one any) bool {
				return !slices.Contains(types, one.(map[string]any)["eventTypeName"].(string))
			})
			filtered, err := json.Marshal(list)
			if err != nil {
				panic(err) // it was read from JSON
			}
			body = string(filtered)
		}
		if a.status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(a.status)
		}
	}
	if !known || r.Header.Get("Authorization") == "" {
		atlasWith(nil).ServeHTTP(w, r)
		return
	}
	if r.URL.Query().Get("pageNum") > "1" {
		body = `{"results":[]}`
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(body))
}
