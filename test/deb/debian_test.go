package deb

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// debian is a Debian with systemd in a container, whose network is that of the test. What is changed in it is gone when
// the test ends.
type debian struct {
	init string // process id of its systemd
}

// bootDebian boots a Debian, in which the folder bin/packages is /packages and the folders of more are below /more.
func bootDebian(t *testing.T, more ...string) *debian {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("systemd-nspawn needs root")
	}
	args := []string{
		"--directory=../../bin/debian", "--volatile=overlay", "--boot", "--keep-unit", "--register=no",
		"--link-journal=no", "--console=pipe", "--bind-ro=" + absolute(t, folder) + ":/packages",
	}
	for _, path := range more {
		args = append(args, "--bind-ro="+absolute(t, path)+":/more/"+filepath.Base(path))
	}
	var log bytes.Buffer
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "systemd-nspawn", args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatalf("systemd-nspawn does not start (Debian's package systemd-container has it): %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it halts the container
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("systemd-nspawn: %s", log.String())
		}
	})
	d := &debian{}
	waitFor(t, "systemd begins", func() bool {
		d.init = childOf(cmd.Process.Pid, "systemd")
		return d.init != ""
	})
	waitFor(t, "Debian has booted", func() bool {
		state, _ := d.try("systemctl is-system-running")
		return state == "running\n" || state == "degraded\n"
	})
	return d
}

// childOf returns the id of the child of the process that runs the program; "" for none.
func childOf(process int, program string) string {
	id := strconv.Itoa(process)
	children, _ := os.ReadFile(filepath.Join("/proc", id, "task", id, "children"))
	for _, child := range strings.Fields(string(children)) {
		name, _ := os.ReadFile(filepath.Join("/proc", child, "comm"))
		if string(name) == program+"\n" {
			return child
		}
	}
	return ""
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// try runs a script as root, and returns what it prints.
func (d *debian) try(script string) (string, error) {
	//nolint:noctx // ends by itself
	cmd := exec.Command("nsenter", "--target="+d.init, "--all", "--", "sh", "-euc", script)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run is as try, and fails the test where the script fails.
func (d *debian) run(t *testing.T, script string) string {
	t.Helper()
	out, err := d.try(script)
	if err != nil {
		t.Fatalf("%s: %v: %s%s", script, err, out, d.journal())
	}
	return out
}

// journal returns what the journal has of the service.
func (d *debian) journal() string {
	out, _ := d.try("journalctl --no-pager --output=short-full --unit=" + unit)
	return out
}

// write writes a file that its owner alone can read.
func (d *debian) write(t *testing.T, path, text string) {
	t.Helper()
	d.run(t, "umask 077; cat >"+path+" <<'end of the file'\n"+strings.TrimSuffix(text, "\n")+"\nend of the file\n")
}

// property returns a property of the service.
func (d *debian) property(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(d.run(t, "systemctl show --value --property="+name+" "+unit))
}

// install installs the package, as its documentation says.
func (d *debian) install(t *testing.T, path string) {
	t.Helper()
	d.run(t, "apt-get install --quiet --yes "+path)
}

// waitFor waits until something holds, at most as long as the test may take.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("it never happens that %s", what)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("it never happens that %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
