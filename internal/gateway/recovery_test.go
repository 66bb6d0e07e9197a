package gateway

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
)

// queryEverySecond has viewers send the same query, once a second each, for the duration howLong.
func (e *env) queryEverySecond(t *testing.T, viewers int, tiles []string, howLong time.Duration) {
	t.Helper()
	var wg sync.WaitGroup
	for viewer := range viewers {
		wg.Go(func() {
			<-time.After(time.Duration(viewer) * time.Second / time.Duration(viewers))
			for end := time.Now().Add(howLong); time.Now().Before(end); <-time.After(time.Second) {
				e.checkAnswer(t, tiles, viewer%2 == 0)
			}
		})
	}
	wg.Wait()
}

// TestRecovery_doesNotStormAtlas has viewers look on through an outage, and counts
// what reaches Atlas while it is down and right after it is back.
func TestRecovery_doesNotStormAtlas(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]atlassim.Fault{
		"503": {Status: 503}, "no answer": {Latency: time.Hour}, "broken connections": {Reset: true},
		"429": {Status: 429, RetryAfter: "5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const viewers, usually = 8, 10 * time.Second
				e := newEnv(t, inBubble)
				tiles := e.jobsOfOrders(t)[:4]
				callsIn := func(howLong time.Duration) int {
					e.sim.ResetCalls()
					e.queryEverySecond(t, viewers, tiles, howLong)
					return e.count("restoreJobs")
				}
				usual := callsIn(usually)
				outage.PathContains = "restoreJobs"
				remove := e.sim.Inject(outage)
				callsIn(30 * time.Second) // until everybody has noticed
				during := callsIn(30 * time.Second)
				remove()
				first, after, again := callsIn(time.Second), callsIn(usually), callsIn(usually)
				t.Logf("%d calls usually in %s, %d in 30s of the outage; %d in the first second after it, %d and %d in %s then",
					usual, usually, during, first, after, again, usually)
				if during > usual { // a third of the usual rate
					t.Error("an outage is not met with less")
				}
				if most := usual / int(usually/time.Second); first > most+1 || after > usual+most {
					t.Error("who waited for the end of the outage came all at once")
				}
				if again < usual*9/10 {
					t.Error("it has not recovered")
				}
			})
		})
	}
}

// TestRecovery_isSeenByAllClientsWithinThreeSeconds has viewers look on through an outage, and
// wants no error any more from three seconds after its end on, also of what is read anew.
func TestRecovery_isSeenByAllClientsWithinThreeSeconds(t *testing.T) {
	t.Parallel()
	for name, outage := range map[string]atlassim.Fault{
		"500": {Status: 500}, "503": {Status: 503}, "no answer": {Latency: time.Hour}, "broken connections": {Reset: true},
		"429 with a wait of 0": {Status: 429, RetryAfter: "0"}, "429 with nonsense": {Status: 429, RetryAfter: "soon"},
		"a page": {Status: 200, ContentType: "text/html", Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withoutRateLimit)
				tiles := e.jobsOfOrders(t)[:40]
				outage.PathContains = "restoreJobs"
				remove := e.sim.Inject(outage)
				e.queryEverySecond(t, 6, tiles[:4], time.Minute)
				remove()
				<-time.After(3 * time.Second)
				var wg sync.WaitGroup
				for viewer := range 10 {
					wg.Go(func() {
						for range 5 {
							if !e.checkAnswer(t, tiles[4*viewer:4*viewer+4], viewer%2 == 0) {
								t.Error("there is an error")
							}
							<-time.After(time.Second)
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

// heapBytes returns the bytes on the heap after a collection.
func heapBytes() uint64 {
	var m runtime.MemStats
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestRecovery_releasesMemoryAndGoroutines(t *testing.T) {
	for setupName, setup := range setups {
		t.Run(setupName, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newEnv(t, inBubble, withSmallBodies, setup)
				jobs := e.jobsOfOrders(t)
				storm := func(seed uint64) uint64 {
					remove := e.injectFaults(rand.New(rand.NewPCG(seed, 4)), 100)
					e.storm(t, jobs, 8, 8)
					remove()
					e.recovers(t, jobs)
					e.sim.ResetCalls() // the simulator remembers each
					<-time.After(time.Hour)
					synctest.Wait()
					return heapBytes()
				}
				storm(1)
				before := storm(2)
				var after uint64
				for seed := range uint64(3) {
					after = storm(3 + seed)
				}
				const slack = 1 << 20
				if after > before+slack {
					t.Errorf("%d bytes are held after three more storms, %d before", after, before)
				}
			})
		})
	}
}

func TestRecovery_digestNonceMayExpireUnderLoad(t *testing.T) {
	t.Parallel()
	for setupName, setup := range setups {
		t.Run(setupName, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const viewers, expiries = 10, 20
				e := newEnv(t, inBubble, setup, withoutRateLimit)
				jobs := e.jobsOfOrders(t)
				slow := e.sim.Inject(atlassim.Fault{PathContains: "restoreJobs", Latency: 30 * time.Millisecond})
				defer slow()
				e.sim.ResetCalls()
				var wg sync.WaitGroup
				stop := make(chan struct{})
				wg.Go(func() {
					for range expiries {
						<-time.After(97 * time.Millisecond)
						e.sim.ExpireNonces()
					}
					close(stop)
				})
				e.askAll(t, &wg, stop, viewers, 10*time.Millisecond, jobs)
				wg.Wait()
				// No client has seen an error, and each expiry cost those under way one call each.
				stale := e.sim.CountCalls(func(c atlassim.Call) bool { return c.Status == 401 })
				if stale == 0 || stale > expiries*viewers {
					t.Errorf("%d challenges for %d expiries under %d viewers", stale, expiries, viewers)
				}
			})
		})
	}
}

// askAll has viewers ask for one job after the other until stop, with a pause between, and
// wants no error.
func (e *env) askAll(t *testing.T,
	wg *sync.WaitGroup, stop <-chan struct{}, viewers int, pause time.Duration, jobs []string) {
	t.Helper()
	for viewer := range viewers {
		wg.Go(func() {
			for n := viewer; ; n += viewers {
				select {
				case <-stop:
					return
				case <-time.After(rand.N(2 * pause)):
				}
				if !e.checkAnswer(t, []string{jobs[n%len(jobs)]}, true) {
					t.Errorf("%s: viewer %d sees an error", time.Now(), viewer)
					return
				}
			}
		})
	}
}

// unlimited is an Atlas without a rate limit that could be reached.
func withoutRateLimit(c *envConfig) { c.sim = append(c.sim, atlassim.WithRateLimit(1<<30, 1<<30)) }

// serviceAccount has the gateway use one.
func withServiceAccount(c *envConfig) {
	c.sim = append(c.sim, atlassim.WithServiceAccount("id", "secret", atlassim.ProjectOwner))
	c.credential = atlas.ServiceAccount{ClientID: "id", ClientSecret: "secret"}
}

func TestRecovery_accessTokenMayBeRevokedUnderLoad(t *testing.T) {
	t.Parallel()
	for setupName, setup := range setups {
		t.Run(setupName, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const viewers, revocations, pause = 10, 3, 2 * time.Second
				e := newEnv(t, inBubble, setup, withoutRateLimit, withServiceAccount)
				jobs := e.jobsOfOrders(t)
				defer e.sim.Inject(atlassim.Fault{PathContains: "restoreJobs", Latency: 30 * time.Millisecond})()
				e.sim.ResetCalls()
				var wg sync.WaitGroup
				stop := make(chan struct{})
				wg.Go(func() {
					for range revocations {
						e.sim.RevokeTokens() // the first time of a token that is seconds old
						// Another token is fetched for one that is a minute old, and a viewer may be the first one to need it
						// after its longest pause.
						<-time.After(time.Minute + 3*pause)
					}
					close(stop)
				})
				e.askAll(t, &wg, stop, viewers, pause, jobs)
				wg.Wait()
				if n := e.sim.CountCalls(func(c atlassim.Call) bool { return c.Path == "/api/oauth/token" }); n != revocations {
					t.Errorf("%d tokens for %d revocations", n, revocations)
				}
			})
		})
	}
}
