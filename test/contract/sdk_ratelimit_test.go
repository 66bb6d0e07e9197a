package contract

import (
	"net/http"
	"testing"
	"time"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"

	"atlas-restore-gateway/internal/atlassim"
)

// A bucket of four lets four calls with a token pass, and two by digest, whose challenge costs a token too. The SDK
// hands the 429 on, with how long to wait; after that the calls pass again.
func TestSDK_failsAtTheRateLimit(t *testing.T) {
	for _, tt := range []struct {
		credential
		calls int
	}{
		{credential: ownerKey, calls: 2},
		{credential: ownerAccount, calls: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEnv(t, atlassim.WithRateLimit(4, 4))
			client := e.sdk(t, tt.credential)
			x := e.example(t, "succeeded")
			call := func() (reply, error) {
				_, got, err := rowOf(t, getJob).call(t.Context(), client, placeOf(x))
				return got, err
			}
			e.clock.set(start.Add(30 * time.Second))
			for n := range tt.calls {
				if _, err := call(); err != nil {
					t.Fatalf("call %d: %v", n+1, err)
				}
			}
			got, err := call()
			if !admin.IsErrorCode(err, "RATE_LIMITED_TOKEN_BUCKET") || got.status != http.StatusTooManyRequests {
				t.Fatalf("call %d: %v", tt.calls+1, err)
			}
			wait, err := time.ParseDuration(got.header.Get("Retry-After") + "s")
			if err != nil || wait <= 0 || wait > time.Minute {
				t.Fatalf("Retry-After is %q", got.header.Get("Retry-After"))
			}
			e.clock.set(e.clock.Now().Add(wait))
			if got, err := call(); err != nil || got.header.Get("RateLimit-Limit") != "4" {
				t.Errorf("after %s: %v", wait, err)
			}
		})
	}
}
