package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"atlas-restore-gateway/internal/atlassim"
)

// Every answer that the simulator gives, in every way of asking that scenes_test.go knows, is what the document says,
// but for the deviations that are listed; and every deviation that is listed does occur.
func TestSimulator_answersAsDocumented(t *testing.T) {
	e := newEnv(t, atlassim.WithRateLimit(1_000_000, 0))
	owner := e.token(t, ownerAccount)
	for _, s := range successes {
		e.play(t, s, owner, false)
	}
	for _, s := range failures {
		e.play(t, s, owner, false)
		e.play(t, s, owner, true)
	}
	e.playRoles(t)
	e.playLives(t, owner)
	e.playMigration(t, owner)
	found := e.findings(t)

	limited := newEnv(t, atlassim.WithRateLimit(1, 0))
	limited.playRateLimit(t)
	for f, example := range limited.findings(t) {
		found[f] = example
	}

	unused := newUnused(simulatorDeviations)
	for f := range found {
		unused.saw(f)
	}
	for _, problem := range unused.problems() {
		t.Errorf("listed as a deviation, and the simulator does not do it any more: %s", problem)
	}
}

// playRoles asks with a credential that may not see restore jobs, and with one of digest.
func (e *env) playRoles(t *testing.T) {
	t.Helper()
	owner, reader := e.token(t, ownerAccount), e.token(t, readerAccount)
	for _, op := range operations {
		want := http.StatusOK
		if strings.Contains(op.id, "RestoreJob") && !strings.Contains(op.id, "Flex") {
			want = http.StatusForbidden
		}
		if status, body := send(t, e.request(t, op, e.somewhere(t, op, owner), reader)); status != want {
			t.Errorf("%s as reader: %d, not %d: %s", op.id, status, want, body)
		}
		if _, _, err := op.call(t.Context(), e.sdk(t, ownerKey), e.somewhere(t, op, owner)); err != nil {
			t.Errorf("%s by digest: %v", op.id, err)
		}
	}
}

// playRateLimit spends the only token of the backup operations' bucket.
func (e *env) playRateLimit(t *testing.T) {
	t.Helper()
	owner := e.token(t, ownerAccount)
	limited := 0
	for _, op := range operations {
		_, path, _ := e.document.find(t, op.id)
		if !strings.Contains(path, "/backup/") {
			continue
		}
		p := place{groupID: seedGroupID, clusterName: op.cluster, restoreJobID: absentID, snapshotID: absentID}
		for range 2 {
			if status, _ := send(t, e.request(t, op, p, owner)); status == http.StatusTooManyRequests {
				limited++
			}
		}
	}
	if limited == 0 {
		t.Error("a bucket of one token limits nothing")
	}
}

// The simulator is asked for every operation of the document. The ones that it knows must have a row, or nothing here
// would look at them.
func TestSimulator_hasARowForEveryOperation(t *testing.T) {
	e := newEnv(t, atlassim.WithRateLimit(1_000_000, 0))
	owner := e.token(t, ownerAccount)
	var known []string
	e.document.each(func(path, method string, op *openapi3.Operation) {
		if method == http.MethodHead || method == http.MethodOptions {
			return
		}
		filled := placeholders.ReplaceAllString(strings.ReplaceAll(path, "{groupId}", seedGroupID), absentID)
		req, err := http.NewRequestWithContext(t.Context(), method, e.url+filled, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", acceptVersion(sampleDate))
		req.Header.Set("Authorization", "Bearer "+owner)
		status, body := send(t, req)
		if status == http.StatusMethodNotAllowed ||
			(status == http.StatusNotFound && strings.Contains(string(body), `"RESOURCE_NOT_FOUND"`)) {
			return
		}
		known = append(known, op.OperationID)
	})
	e.wire.reset() // no contract says what an operation answers that the simulator does not know
	known = slices.DeleteFunc(known, func(id string) bool {
		_, checked := fragmentRows[id]
		return checked || slices.Contains(actionIDs(), id)
	})
	compareSets(t, "operations that the simulator knows", known, rowIDs())
}
