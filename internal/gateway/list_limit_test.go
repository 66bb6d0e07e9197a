package gateway

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"atlas-restore-gateway/graph/generated"
	"atlas-restore-gateway/internal/atlas"
)

const listsID = "650000000000000000000001"

// atlasList is a list within a resource.
type atlasList struct {
	path     string // of the resource, its end
	resource string // JSON, with %s for the elements
	element  string // JSON of one
	query    string
	place    string // of the list in the answer
}

// atlasListFields are the fields of the schema whose length Atlas decides, with a resource each.
func atlasListFields() map[string]atlasList {
	const cluster = `groupId: "` + listsID + `", clusterName: "c"`
	const job, link, private = cluster + `, restoreJobId: "` + listsID + `"`, `{"href":"h","rel":"r"}`,
		`{"deliveryUrl":"u","endpointId":"e"}`
	const download = `{"id":"` + listsID + `","deliveryType":"download","finishedAt":"2025-05-04T09:42:00Z",`
	const other = `{"id":"` + listsID + `","name":"c",`
	one := func(field, path, resource, name, element, arguments, selection string) atlasList {
		return atlasList{
			path: path, resource: resource + `"` + name + `":[%s]}`, element: element,
			query: "{ thing: " + field + "(" + arguments + ") { id " + strings.TrimSpace(name+" "+selection) + " } }",
			place: "thing." + name,
		}
	}
	// scheduled is a list of a backup schedule, or of the first element of one, whose form is outer.
	scheduled := func(outer, place, element, selection string) atlasList {
		name, inner, nested := strings.Cut(place, ".0.")
		selected := name + " " + selection
		if nested {
			selected = name + " { " + inner + " " + selection + " }"
		}
		return atlasList{
			path: "/clusters/c/backup/schedule", resource: `{"clusterName":"c","` + name + `":[` + outer + `]}`,
			element: element, query: "{ thing: cluster(" + cluster + ") { id backupSchedule { " + selected + " } } }",
			place: "thing.backupSchedule." + place,
		}
	}
	const tag = `{"key":"k","value":"v"}`
	serverless, flex, dedicated := "/serverless/c/backup/restoreJobs/"+listsID,
		"/flexClusters/c/backup/restoreJobs/"+listsID, "/clusters/c/backup/restoreJobs/"+listsID
	snapshot, snapshotOf := "/clusters/c/backup/snapshots/"+listsID, cluster+`, snapshotId: "`+listsID+`"`
	sharded := "/clusters/c/backup/snapshots/shardedCluster/" + listsID
	const asSharded = other + `"type":"shardedCluster",`
	collection := "/clusters/c/collectionRestoreJobs/" + listsID
	// listed is a list of the first element of another list of Atlas, whose form is outer.
	listed := func(path, outer, element, query, place string) atlasList {
		return atlasList{path: path, resource: `{"results":[` + outer + `]}`, element: element, query: query, place: place}
	}
	ofProject := func(selection string) string {
		return `{ thing: project(groupId: "` + listsID + `") { id ` + selection + " } }"
	}
	exports, buckets, events := "/clusters/c/backup/exports", "/groups/"+listsID+"/backup/exportBuckets",
		"/groups/"+listsID+"/events"
	ofExport := func(name, element, selection string) atlasList {
		return listed(exports, other+`"`+name+`":[%s]}`, element,
			"{ thing: cluster("+cluster+") { id snapshotExports { nodes { "+name+" "+selection+" } } } }",
			"thing.snapshotExports.nodes.0."+name)
	}
	return map[string]atlasList{
		"CollectionRestoreJob.links": one("collectionRestoreJob", collection, other, "links", link, job, "{ href rel }"),
		"CollectionRestoreJob.requestedCollections": {
			path: collection, resource: other + `"collections":[%s]}`, element: `{"sourceNamespace":"a.b"}`,
			query: "{ thing: collectionRestoreJob(" + job + ") { id requestedCollections { sourceNamespace } } }",
			place: "thing.requestedCollections",
		},
		"CollectionRestoreJob.requestedDatabases": {
			path: collection, resource: other + `"databases":[%s]}`, element: `{"sourceNamespace":"a"}`,
			query: "{ thing: collectionRestoreJob(" + job + ") { id requestedDatabases { sourceNamespace } } }",
			place: "thing.requestedDatabases",
		},
		"RestoredCollectionIndexStatus.failedIndexes": listed(collection+"/collections",
			`{"sourceNamespace":"a.b","indexStatus":{"failedIndexes":[%s]}}`, `{"a":1}`, "{ thing: collectionRestoreJob("+job+
				") { id collections { nodes { indexStatus { failedIndexes } } } } }",
			"thing.collections.nodes.0.indexStatus.failedIndexes"),
		"SnapshotExport.links":      ofExport("links", link, "{ href }"),
		"SnapshotExport.customData": ofExport("customData", tag, "{ key }"),
		"SnapshotExport.components": ofExport("components", `{"replicaSetName":"r"}`, "{ replicaSetName }"),
		"ExportBucket.links": listed(buckets, `{"_id":"`+listsID+`","links":[%s]}`, link,
			ofProject("exportBuckets { nodes { links { href } } }"), "thing.exportBuckets.nodes.0.links"),
		"RestoreEvent.links": listed(events, other+`"links":[%s]}`, link,
			ofProject("restoreEvents { nodes { links { href } } }"), "thing.restoreEvents.nodes.0.links"),
		"BackupCompliancePolicy.scheduledPolicyItems": {
			path:     "/groups/" + listsID + "/backupCompliancePolicy",
			resource: `{"projectId":"` + listsID + `","scheduledPolicyItems":[%s]}`, element: `{"retentionUnit":"days"}`,
			query: ofProject("backupCompliancePolicy { scheduledPolicyItems { retentionUnit } }"),
			place: "thing.backupCompliancePolicy.scheduledPolicyItems",
		},
		"AtlasOrganization.links": listed("/orgs", other+`"links":[%s]}`, link,
			`{ thing: organization(id: "`+listsID+`") { id links { href } } }`, "thing.links"),
		"ServerlessRestoreJob.deliveryUrl": one("serverlessRestoreJob", serverless, download, "deliveryUrl",
			`"u"`, job, ""),
		"ServerlessRestoreJob.links": one("serverlessRestoreJob", serverless, download, "links", link,
			job, "{ href rel }"),
		"FlexRestoreJob.links": one("flexRestoreJob", flex, other, "links", link, job,
			"{ href rel }"),
		"DedicatedRestoreJob.deliveryUrl": one("dedicatedRestoreJob", dedicated, download, "deliveryUrl",
			`"u"`, job, ""),
		"DedicatedRestoreJob.links": one("dedicatedRestoreJob", dedicated, download, "links", link, job,
			"{ href rel }"),
		"DedicatedRestoreJob.components": one("dedicatedRestoreJob", dedicated, download, "components",
			`{"downloadUrl":"u"}`, job, "{ downloadUrl }"),
		"DedicatedRestoreJob.privateDownloadDeliveryUrls": one("dedicatedRestoreJob", dedicated, download,
			"privateDownloadDeliveryUrls", private, job, "{ deliveryUrl }"),
		"RestoreJobComponent.privateDownloadDeliveryUrls": {
			path: dedicated, resource: download + `"components":[{"privateDownloadDeliveryUrls":[%s]}]}`, element: private,
			query: "{ thing: dedicatedRestoreJob(" + job +
				") { id components { privateDownloadDeliveryUrls { deliveryUrl } } } }",
			place: "thing.components.0.privateDownloadDeliveryUrls",
		},
		"RestoreJob.deliveryUrl":    one("restoreJob", dedicated, download, "deliveryUrl", `"u"`, job, ""),
		"RestoreJob.links":          one("restoreJob", dedicated, download, "links", link, job, "{ href rel }"),
		"AtlasSnapshot.links":       one("snapshot", snapshot, other, "links", link, snapshotOf, "{ href rel }"),
		"AtlasSnapshot.copyRegions": one("snapshot", snapshot, other, "copyRegions", `"r"`, snapshotOf, ""),
		"AtlasSnapshot.policyItems": one("snapshot", snapshot, other, "policyItems", `"p"`, snapshotOf, ""),
		"AtlasSnapshot.members": one("snapshot", sharded, asSharded, "members", `{"replicaSetName":"r"}`, snapshotOf,
			"{ replicaSetName }"),
		"AtlasSnapshot.snapshotIds":   one("snapshot", sharded, asSharded, "snapshotIds", `"`+listsID+`"`, snapshotOf, ""),
		"AtlasCluster.links":          one("cluster", "/clusters/c", other, "links", link, cluster, "{ href rel }"),
		"AtlasCluster.tags":           one("cluster", "/clusters/c", other, "tags", tag, cluster, "{ key value }"),
		"AtlasCluster.labels":         one("cluster", "/clusters/c", other, "labels", tag, cluster, "{ key value }"),
		"BackupSchedule.links":        scheduled("%s", "links", link, "{ href }"),
		"BackupSchedule.policies":     scheduled("%s", "policies", `{"id":"`+listsID+`"}`, "{ id }"),
		"BackupSchedule.copySettings": scheduled("%s", "copySettings", `{"regionName":"r"}`, "{ regionName }"),
		"BackupSchedule.extraRetentionSettings": scheduled("%s", "extraRetentionSettings", `{"retentionDays":1}`,
			"{ retentionDays }"),
		"BackupPolicy.policyItems": scheduled(`{"policyItems":[%s]}`, "policies.0.policyItems",
			`{"id":"`+listsID+`"}`, "{ id }"),
		"BackupCopySetting.frequencies": scheduled(`{"frequencies":[%s]}`, "copySettings.0.frequencies", `"f"`, ""),
		"BackupCopySetting.copyPolicyItems": scheduled(`{"copyPolicyItems":[%s]}`, "copySettings.0.copyPolicyItems",
			`{"id":"`+listsID+`"}`, "{ id }"),
		"AtlasProject.links": one("project", "/groups/"+listsID, other, "links", link, `groupId: "`+listsID+`"`,
			"{ href rel }"),
		"AtlasProject.tags": one("project", "/groups/"+listsID, other, "tags", `{"key":"k","value":"v"}`,
			`groupId: "`+listsID+`"`, "{ key value }"),
	}
}

// TestAtlasList_tableHasEachFieldOfTheSchema has a new field of the schema fail until it has a row above.
func TestAtlasList_tableHasEachFieldOfTheSchema(t *testing.T) {
	var fields []string
	for _, def := range generated.NewExecutableSchema(generated.Config{}).Schema().Types {
		for _, field := range def.Fields {
			if def.Kind != ast.InputObject && def.Name != "Entity" && !strings.HasPrefix(def.Name, "__") &&
				field.Type.Elem != nil && !field.Type.NonNull {
				fields = append(fields, def.Name+"."+field.Name)
			}
		}
	}
	slices.Sort(fields)
	// The first holds one URL, which Atlas sends by itself; two have each value once; one is always null, and the last one
	// is no list of Atlas.
	known := append(slices.Sorted(maps.Keys(atlasListFields())), "FlexRestoreJob.deliveryUrl", "AtlasCluster.regions",
		"AtlasCluster.cloudProviders", "CollectionRestoreJob.deliveryUrl", "RestoreEvent.delegatePrincipals")
	slices.Sort(known)
	if diff := cmp.Diff(fields, known); diff != "" {
		t.Error(diff)
	}
}

func TestAtlasList_tooLongFailsItsField(t *testing.T) {
	for name, list := range atlasListFields() {
		for _, n := range []int{atlas.MaxElements, atlas.MaxElements + 1, 2_000_000 / (len(list.element) + 1)} {
			t.Run(fmt.Sprintf("%s of %d", name, n), func(t *testing.T) {
				resource := fmt.Sprintf(list.resource, strings.TrimSuffix(strings.Repeat(list.element+",", n), ","))
				bodies := map[string]string{list.path: resource}
				if strings.Contains(list.path, "shardedCluster/") {
					bodies["/clusters/c/backup/snapshots/"+listsID] = `{"id":"` + listsID + `","type":"shardedCluster"}`
				}
				if strings.HasSuffix(list.path, "/collections") {
					bodies[strings.TrimSuffix(list.path, "/collections")] = `{"id":"` + listsID + `"}`
				}
				if strings.HasPrefix(list.path, "/groups/"+listsID+"/") {
					bodies["/groups/"+listsID] = `{"id":"` + listsID + `"}`
				}
				if strings.HasSuffix(list.path, "/backup/schedule") || strings.HasSuffix(list.path, "/backup/exports") {
					bodies["/clusters/c"] = `{"id":"` + listsID + `","name":"c"}`
				}
				r := newEnv(t, bare, withUpstream(atlasWith(bodies))).post(t, list.query, nil)
				if !strings.Contains(r.Raw, `"thing":{"id":"`+listsID+`"`) {
					t.Fatalf("got %.500s", r.Raw)
				}
				if n <= atlas.MaxElements {
					if len(r.Errors) > 0 || strings.Contains(r.Raw, "null") || len(r.Raw) < n*4 {
						t.Errorf("got %.500s", r.Raw)
					}
					return
				}
				if len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "UPSTREAM_ERROR" || len(r.Raw) > 1000 {
					t.Fatalf("got %.500s", r.Raw)
				}
				var place []string
				for _, step := range r.Errors[0].Path {
					place = append(place, fmt.Sprint(step))
				}
				if got := strings.Join(place, "."); got != list.place {
					t.Errorf("the error is at %s", got)
				}
			})
		}
	}
}

// TestAtlasList_sharesOneLimitWithOthers has many lists of a length that each may have.
func TestAtlasList_sharesOneLimitWithOthers(t *testing.T) {
	const jobs, links, fields = 100, 500, 20_000
	linkList := strings.TrimSuffix(strings.Repeat(`{"rel":"r"},`, links), ",")
	results := make([]string, jobs)
	for i := range results {
		results[i] = fmt.Sprintf(`{"id":"%08x0000000000000000","links":[%s]}`, jobs-i, linkList)
	}
	atlasOf := withUpstream(atlasWith(map[string]string{
		"/flexClusters/c/backup/restoreJobs": `{"results":[` + strings.Join(results, ",") + `]}`,
	}))
	const query = `{ flexRestoreJobs(groupId: "` + listsID +
		`", clusterName: "c", first: 50) { nodes { id links { rel } } } }`
	bound := withConfig(func(c *Config) { c.MaxAnswerFields = fields })
	r := newEnv(t, bare, bound, atlasOf).post(t, query, nil)
	// A link is a field and the one below it, and the first five of each list were foreseen.
	served := fields / (2 * (links - 5))
	if n := strings.Count(r.Raw, `"links":[`); n != served || len(r.Errors) != 50-served ||
		strings.Count(r.Raw, `"id":`) != 50 {
		t.Fatalf("%d lists are served, want %d; %d errors; %.300s", n, served, len(r.Errors), r.Raw)
	}
	for _, err := range r.Errors {
		if err.Extensions["code"] != "ANSWER_LIMIT_EXCEEDED" || err.Extensions["limit"] != float64(fields) ||
			err.Extensions["retryable"] != false || len(err.Path) != 4 {
			t.Errorf("got %+v", err)
		}
	}
	lax := newEnv(t, bare, bound, atlasOf, withConfig(func(c *Config) { c.WarnLimits = true }))
	if r := lax.post(t, query, nil); len(r.Errors) > 0 ||
		!strings.Contains(lax.log.String(), "an operation beyond a limit was served") {
		t.Errorf("with warnings alone: %.300s", r.Raw)
	}
}

func TestErrorPresenter_boundsTheFieldsOfAtlas(t *testing.T) {
	field := `{"field":"` + strings.Repeat("f", 100) + `","description":"d"}`
	body := `{"error":400,"errorCode":"VALIDATION_ERROR","reason":"Bad Request","badRequestDetail":{"fields":[` +
		strings.TrimSuffix(strings.Repeat(field+",", 10_000), ",") + `]}}`
	e := newEnv(t, bare, withUpstream(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(body))
	})))
	r := e.post(t, `{ flexRestoreJobs(groupId: "`+listsID+`", clusterName: "c") { nodes { id } } }`, nil)
	if len(r.Errors) != 1 || !strings.Contains(r.Raw, `"fields":[{"field":"fff`) || len(r.Raw) > 2*maxParametersBytes {
		t.Errorf("%d bytes: %.300s", len(r.Raw), r.Raw)
	}
}
