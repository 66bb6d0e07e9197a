package contract

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"
)

// writing are the operations that make, change and delete projects and clusters. The gateway never does, so their
// answers of success are not looked at; their errors are errors like all others.
var writing = []string{
	"createGroup", "updateGroup", "deleteGroup", "createGroupCluster", "updateGroupCluster", "deleteGroupCluster",
}

// Recorded answers are compared with the document in the same way as those of the simulator. Differences must be in one
// of the tables, too.
func TestRecordings_deviateOnlyAsListed(t *testing.T) {
	d := officialDocument(t)
	all := recordings(t)
	checked := map[string]int{}
	unused := newUnused(recordedDeviations)
	for i, x := range all {
		route, _, known, err := d.route(x.request)
		if err != nil {
			t.Errorf("line %d: %v", i+1, err)
			continue
		}
		id := route.Operation.OperationID
		if !known || (x.status < 300 && slices.Contains(writing, id)) {
			continue // the document has dropped the operation, or it is none of ours
		}
		found, err := d.check(x)
		if err != nil {
			t.Fatal(err)
		}
		checked[id]++
		for f, example := range found {
			unused.saw(f)
			if deviationOf(f) == nil && !listed(recordedDeviations, f) {
				t.Errorf("line %d: not listed: %s (%s)", i+1, f, example)
			}
		}
	}
	for _, problem := range unused.problems() {
		t.Errorf("listed, and no recording shows it: %s", problem)
	}
	for _, id := range []string{
		"getGroup", "listGroups", "getGroupServerlessInstance", "listGroupServerlessInstances",
		"getGroupFlexCluster", "listGroupFlexClusters", "getGroupFlexClusterBackupRestoreJob",
		"listGroupFlexClusterBackupRestoreJobs", "createGroupFlexClusterBackupRestoreJob",
		"getGroupFlexClusterBackupSnapshot", "listGroupFlexClusterBackupSnapshots",
		"getGroupClusterBackupRestoreJob", "listGroupClusterBackupRestoreJobs", "createGroupClusterBackupRestoreJob",
		"getGroupClusterBackupSnapshot", "listGroupClusterBackupSnapshots", "getGroupCluster", "listGroupClusters",
	} {
		if checked[id] == 0 {
			t.Errorf("no recording of %s was checked", id)
		}
	}
}

// A deviation that names a recording is proved by it: the exchange is there and shows the same.
func TestDeviations_areInTheNamedRecordings(t *testing.T) {
	d := officialDocument(t)
	all := recordings(t)
	for _, table := range [][]deviation{simulatorDeviations, recordedDeviations} {
		for i := range table {
			if dev := &table[i]; dev.proof.recording != (recording{}) && !d.proves(t, all, dev) {
				t.Errorf("%s: not shown by %+v", dev, dev.proof.recording)
			}
		}
	}
}

// proves reports whether one of the exchanges of a name has the deviation. Path, status and date may name two.
func (d *document) proves(t *testing.T, all []exchange, dev *deviation) bool {
	t.Helper()
	for _, x := range all {
		if !dev.proof.recording.names(x) {
			continue
		}
		if dev.proof.lacks != "" {
			var resource map[string]any
			if json.Unmarshal(x.body, &resource) == nil && len(resource) > 0 {
				if _, has := resource[dev.proof.lacks]; !has {
					return true
				}
			}
			continue
		}
		found, err := d.check(x)
		if err != nil {
			t.Error(err)
		}
		for f := range found {
			if f.field == dev.field && f.kind == dev.kind {
				return true
			}
		}
	}
	return false
}

// The challenge of HTTP Digest is Atlas's, but for the nonce, which the recordings have blanked.
func TestSimulator_challengesAsRecorded(t *testing.T) {
	nonce := regexp.MustCompile(`nonce="[^"]*"`)
	want := ""
	for _, x := range recordings(t) {
		if challenge := x.header.Get("WWW-Authenticate"); challenge != "" {
			want = nonce.ReplaceAllString(challenge, "nonce")
		}
	}
	if want == "" {
		t.Fatal("no challenge is recorded")
	}
	e := newEnv(t)
	read[admin.SystemStatus](t, e.sdk(t, ownerKey), "getSystemStatus", place{})
	if got := nonce.ReplaceAllString(e.wire.all()[0].header.Get("WWW-Authenticate"), "nonce"); got != want {
		t.Errorf("the challenge is %s, and Atlas's is %s", got, want)
	}
}

// Every deviation says why it is right, in one way.
func TestDeviations_haveOneProofEach(t *testing.T) {
	for _, table := range [][]deviation{simulatorDeviations, recordedDeviations} {
		for i := range table {
			p := table[i].proof
			ways := 0
			for _, given := range []bool{p.recording != (recording{}), p.documented != "", p.inferred != ""} {
				if given {
					ways++
				}
			}
			if ways != 1 {
				t.Errorf("%s has %d proofs", &table[i], ways)
			}
		}
	}
	for i := range recordedDeviations {
		if recordedDeviations[i].proof.recording == (recording{}) {
			t.Errorf("%s: names no recording", &recordedDeviations[i])
		}
	}
}

func listed(table []deviation, f finding) bool {
	return slices.ContainsFunc(table, func(d deviation) bool { return d.covers(f) })
}
