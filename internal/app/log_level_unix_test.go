//go:build unix

package app

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

func TestRun_togglesTheLogLevelAtASignal(t *testing.T) {
	for configured, want := range map[string][]string{
		"info":  {"log_level=debug before=info", "log_level=info before=debug", "log_level=debug before=info"},
		"debug": {"log_level=debug before=debug", "log_level=debug before=debug"},
	} {
		p := start(t, nil, "--demo", "--log-level="+configured)
		for i, line := range want {
			if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
				t.Fatal(err)
			}
			lines := p.output.waitFor(regexp.MustCompile(fmt.Sprintf(
				`(?s)(?:msg="the log level was set"[^\n]*\n.*){%d}`, i+1)))
			if lines == nil || !strings.Contains(lines[0], line+` signal="user defined signal 1"`) {
				t.Errorf("%s: there is no %s: %q", configured, line, lines)
			}
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// Main turns the sampling of allocations off where nothing can read it.
func TestMain_samplesAllocationsForTheHeapProfile(t *testing.T) {
	p := startProcess(t, nil, "--demo", "--admin-listen=127.0.0.1:0", "--admin-debug")
	var url []string
	for url == nil {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		url = metricsURL.FindStringSubmatch(line)
	}
	// The number behind heap/ is twice the rate.
	status, text := get(t, url[1]+"/debug/pprof/heap?gc=1&debug=1")
	if status != http.StatusOK || !regexp.MustCompile(`^heap profile: [1-9].* @ heap/1048576\n`).MatchString(text) {
		t.Errorf("%d %.200s", status, text)
	}
}
