package replica

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// replicaTTL is how long a replica counts as a live one after its last heartbeat, which it sends each checkInterval.
const replicaTTL = 3 * checkInterval

const kindReplicas = "replicas"

//go:embed heartbeat.lua
var heartbeatLua string

var heartbeatScript = rueidis.NewLuaScript(heartbeatLua)

// heartbeat has the server answer with its time, and with the number of replicas that are alive.
func (r *Redis) heartbeat(ctx context.Context, client rueidis.Client) error {
	start := r.clock.local()
	answer, err := heartbeatScript.Exec(ctx, client, []string{r.name(kindReplicas)},
		[]string{r.id, milliseconds(replicaTTL)}).AsIntSlice()
	if err != nil {
		return err
	}
	if len(answer) != 2 {
		return errors.New("replica: the server does not answer as Redis does")
	}
	r.clock.set(time.UnixMicro(answer[0]), start, r.clock.local())
	r.replicas.Store(max(1, answer[1]))
	return nil
}

// leave has the others know that this replica is not alive any more, if the server answers.
func (r *Redis) leave() {
	_, _ = r.do(context.Background(), func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return client.Do(ctx, client.B().Zrem().Key(r.name(kindReplicas)).Member(r.id).Build())
	})
}

// Replicas returns how many replicas were alive when the server answered last, this one included.
func (r *Redis) Replicas() int { return int(max(1, r.replicas.Load())) }

// Share returns which part of what the replicas share is that of this one, when it has to go on by itself.
func (r *Redis) Share() float64 { return 1 / float64(r.Replicas()) }

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// clock tells the time of the server, by which replicas compare what they have, whatever their own clocks say. It is
// safe for concurrent use.
type clock struct {
	local func() time.Time // of this process

	mu     sync.Mutex
	server time.Time
	at     time.Time // by the local clock, with its monotonic part
}

// set takes the server's time into account, which was right at a moment between two of this process.
func (c *clock) set(server, from, to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.server, c.at = server, from.Add(to.Sub(from)/2)
}

// now returns the time of the server.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server.Add(c.local().Sub(c.at))
}
