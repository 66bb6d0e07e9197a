// Package deb tests the Debian package of the gateway, and its systemd unit: what the package holds, and how it is
// installed, run, upgraded and purged in a Debian with systemd, which systemd-nspawn boots.
package deb
