package app

import (
	"encoding/json"
	"testing"

	"atlas-restore-gateway/internal/diagnosis"
)

// findingsIn decodes the output of diagnose --json.
func findingsIn(t *testing.T, output string) (all []diagnosis.Finding) {
	t.Helper()
	if err := json.Unmarshal([]byte(output), &all); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return all
}
