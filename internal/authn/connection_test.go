package authn

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/httpclient"
	"atlas-restore-gateway/internal/test/memnet"
)

func TestProvider_replacesAConnectionThatEnded(t *testing.T) {
	endings := map[string]func(c *memnet.HTTP2Conn, stream uint32){
		"silence": func(c *memnet.HTTP2Conn, _ uint32) { c.Silence() },
		"GOAWAY":  func(c *memnet.HTTP2Conn, s uint32) { c.GoAway(s, 0, ""); c.Close() },
		"a cut":   func(c *memnet.HTTP2Conn, _ uint32) { c.Close() },
		"half a document": func(c *memnet.HTTP2Conn, s uint32) {
			c.Head(s)
			c.Data(s, `{"issuer":`, false)
			c.GoAway(s, 0, "")
			c.Close()
		},
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := memnet.ServeHTTP2(t, func(c *memnet.HTTP2Conn, stream uint32) {
					if c.Number == 1 {
						end(c, stream)
					} else {
						c.Answer(stream, `{"issuer":"http://127.0.0.1"}`)
					}
				})
				transport := newTransport(network.Dial)
				defer transport.CloseIdleConnections()
				transport.Protocols = new(http.Protocols)
				transport.Protocols.SetUnencryptedHTTP2(true)
				p := newProvider("http://127.0.0.1", &http.Client{Transport: httpclient.LimitConnections(transport)})
				// The timeout of a fetch of the keys.
				ctx, cancel := context.WithTimeout(t.Context(), fetchTimeout)
				defer cancel()
				var document struct{ Issuer string }
				start := time.Now()
				if err := p.get(ctx, p.issuer, &document); err != nil || document.Issuer != p.issuer {
					t.Errorf("got %+v, %v", document, err)
				}
				if took := time.Since(start); took > httpclient.LostAfter {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}
