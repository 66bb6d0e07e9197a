package deb

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestUpgrade_keepsWhatTheOperatorChangedAndRestartsTheService(t *testing.T) {
	next := makePackage(t, "1.0.1")
	g := installGateway(t, filepath.Dir(next))
	g.configure(t, map[string]string{"demo": "true"})
	g.start(t)
	before, settings := g.property(t, "MainPID"), g.run(t, "cat "+settingsFile)

	g.install(t, "/more/"+filepath.Base(filepath.Dir(next))+"/"+filepath.Base(next))
	g.waitReady(t)
	if version := g.run(t, "dpkg-query --show --showformat='${Version}' atlas-restore-gateway"); version != "1.0.1-1" {
		t.Errorf("the installed version is %s", version)
	}
	if after := g.property(t, "MainPID"); after == before {
		t.Error("the service still runs the old program")
	}
	if got := g.run(t, "cat "+settingsFile); got != settings {
		t.Errorf("the settings are %q now, and were %q", got, settings)
	}
	if got := g.run(t, "systemctl is-enabled "+unit); got != "enabled\n" {
		t.Errorf("the service is %s", got)
	}
}

func TestUpgrade_doesNotStartAStoppedService(t *testing.T) {
	next := makePackage(t, "1.0.1")
	g := installGateway(t, filepath.Dir(next))
	g.run(t, "systemctl enable "+unit)
	g.install(t, "/more/"+filepath.Base(filepath.Dir(next))+"/"+filepath.Base(next))
	if got := g.run(t, "systemctl is-active "+unit+" || true"); got != "inactive\n" {
		t.Errorf("the service is %s", got)
	}
}

func TestRemove_stopsTheServiceAndKeepsItsSettings(t *testing.T) {
	g := installGateway(t)
	g.configure(t, map[string]string{"demo": "true"})
	g.start(t)
	process := g.property(t, "MainPID")
	g.run(t, "apt-get remove --quiet --yes atlas-restore-gateway")
	g.run(t, "! test -e /proc/"+process)
	g.run(t, "! test -e /usr/bin/atlas-restore-gateway")
	if got := g.run(t, "cat "+settingsFile); !strings.Contains(got, "demo: true") {
		t.Errorf("the settings are %q now", got)
	}
}

func TestPurge_removesAllButWhatTheOperatorHasMade(t *testing.T) {
	g := installGateway(t)
	g.configure(t, map[string]string{"demo": "true"})
	g.start(t)
	g.write(t, "/etc/atlas-restore-gateway/policy.yaml", "of the operator")
	g.write(t, "/var/log/atlas-restore-gateway/audit.log", "of the operator")
	g.run(t, "apt-get purge --quiet --yes atlas-restore-gateway")

	got := g.run(t, "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /packages -prune -o "+
		"-path '*atlas-restore-gateway*' -print | sort")
	want := "/etc/atlas-restore-gateway\n/etc/atlas-restore-gateway/policy.yaml\n" +
		"/var/log/atlas-restore-gateway\n/var/log/atlas-restore-gateway/audit.log\n"
	if got != want {
		t.Errorf("left is\n%s, want\n%s", got, want)
	}
	if failed := g.run(t, "systemctl --failed --quiet"); failed != "" {
		t.Errorf("failed units: %s", failed)
	}
}

func TestPurge_ofAnUnconfiguredPackageLeavesNothing(t *testing.T) {
	g := installGateway(t)
	g.run(t, "apt-get purge --quiet --yes atlas-restore-gateway")
	if left := g.run(t, "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /packages -prune -o "+
		"-path '*atlas-restore-gateway*' -print"); left != "" {
		t.Errorf("left is %s", left)
	}
}
