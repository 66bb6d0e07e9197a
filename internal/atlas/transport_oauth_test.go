package atlas

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestBearerAuth_replacesARevokedTokenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issuer := &fakeIssuer{lifetime: time.Hour}
		c := issuer.client(t)
		mustCall(t, c)
		issuer.revoked.Store(true)
		mustCall(t, c)
		if n := issuer.made.Load(); n != 2 {
			t.Errorf("%d tokens were made, want 2", n)
		}
	})
}
