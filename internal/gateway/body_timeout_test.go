package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestBodyTimeout_boundsBodiesThatNoHandlerReads sends the head of a request and the first
// byte of a body that never ends, as an attacker does to hold a connection. The
// library reads what a handler leaves before it answers.
func TestBodyTimeout_boundsBodiesThatNoHandlerReads(t *testing.T) {
	e := newEnv(t, withConfig(func(c *Config) {
		c.BodyTimeout = 10 * time.Millisecond
		c.Access = AllowAll(io.Discard)
		c.Access.Authenticate = callerOfHeader
	}))
	for line, status := range map[string]int{
		"POST /graphql": http.StatusUnauthorized, "GET /graphql?query={__typename}": http.StatusUnauthorized,
		"GET /health/live": http.StatusOK,
		"GET /":            http.StatusOK, "POST /nowhere": http.StatusNotFound, "BREW /": http.StatusNotImplemented,
		"GET /graphql?query={__typename} HTTP/1.1\r\nX-Test-Caller: a\r\nX-Is:": http.StatusOK,
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(e.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.WriteString(conn,
			line+" HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\nContent-Type: application/json\r\nContent-Length: "+
				"200000\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s: there is no answer: %v", line, err)
		} else {
			if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != status || !res.Close {
				t.Errorf("%s: %d, closes %t, %v", line, res.StatusCode, res.Close, err)
			}
			_ = res.Body.Close()
		}
		_ = conn.Close()
	}
}
