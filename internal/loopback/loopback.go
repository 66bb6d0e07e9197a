// Package loopback tells which hosts are this machine alone. Plain HTTP is allowed to them, callers need not be
// authenticated there, and a website that gives its own name the address of loopback (DNS rebinding) is found by its
// name.
package loopback

import (
	"net"
	"strings"
)

// Is reports whether host, with or without a port, is localhost or an IP address of loopback. Names are not resolved.
func Is(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") || ip != nil && ip.IsLoopback()
}
