package app

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// readDownload reads the download URL of the job that the demo prints, and returns the id of the job.
func (p *process) readDownload(t *testing.T) string {
	t.Helper()
	found := p.output.waitFor(regexp.MustCompile(`ready +clusterName: "(\S+)" +restoreJobId: "(\S+)"`))
	p.query(t, nil, fmt.Sprintf(`{ serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { deliveryUrl } }`,
		atlassim.SeedGroupID, found[1], found[2])).
		want(t, "a download", 200, "https://")
	return found[2]
}

func TestRun_writesTheAuditLogToItsFileOrStandardError(t *testing.T) {
	f := folder(t.TempDir())
	p := start(t, nil, "--demo", "--audit-log="+f.path("audit.jsonl"))
	id := p.readDownload(t)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(f.path("audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(lines), `"caller":"anonymous"`) || !strings.Contains(string(lines), id) ||
		strings.Contains(string(lines), "https://") || strings.Contains(p.output.String(), "download_url_read") {
		t.Errorf("the audit log holds %s", lines)
	}
	p = start(t, nil, "--demo")
	p.readDownload(t)
	if p.audit.waitFor(regexp.MustCompile(`^\{"time":.*"event":"download_url_read".*\}\n$`)) == nil ||
		strings.Contains(p.output.String(), "download_url_read") {
		t.Error("by default it is not on the standard error alone")
	}
}
