package replica

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/redis/rueidis"
)

const (
	// maxWrites bounds the values that wait to be written, and maxQueued their bytes.
	maxWrites = 256
	maxQueued = 16 << 20
	// maxValue bounds the bytes of a value, as it is read and written.
	maxValue = 2 << 20
	// maxPipeline bounds the values that are written at once.
	maxPipeline = 32
)

// write is a value that is to be stored, and a claim that is over then.
type write struct {
	name    string
	value   []byte    // nil: there is none
	expires time.Time // of the server
	claim   string    // "" is none
}

// name returns the name that this replica writes under.
func (r *Redis) name(kind string, identity ...string) string {
	return r.prefix + r.keys.sealers[0].name(kind, identity...)
}

// get returns the value that is stored under an identity, sealed with any of the secrets, and how old it is.
func (r *Redis) get(ctx context.Context, kind string, identity ...string) (value []byte, age time.Duration, ok bool) {
	for _, s := range r.keys.sealers {
		name := r.prefix + s.name(kind, identity...)
		result, err := r.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
			return client.Do(ctx, client.B().Get().Key(name).Build())
		})
		if err != nil && !rueidis.IsRedisNil(err) {
			return nil, 0, false
		}
		if value, age, ok := r.open(s, name, result); err == nil && ok {
			return value, age, true
		}
	}
	return nil, 0, false
}

// open opens the value that the server has sent: the time at which it was true, in microseconds of the server, and what
// was stored.
func (r *Redis) open(s sealer, name string, result rueidis.RedisResult) (value []byte, age time.Duration, ok bool) {
	sealed, err := result.AsBytes()
	if err != nil {
		return nil, 0, false
	}
	value, at, ok := r.openSealed(s, name, sealed)
	return value, max(0, r.clock.now().Sub(time.UnixMicro(at))), ok
}

// openSealed returns what was sealed, and when it was true.
func (r *Redis) openSealed(s sealer, name string, sealed []byte) (value []byte, at int64, ok bool) {
	value, err := s.open(name, sealed)
	if err != nil || len(value) < 8 {
		r.stats.unreadable.Add(1)
		return nil, 0, false
	}
	return value[8:], int64(binary.BigEndian.Uint64(value)), true //nolint:gosec // as sealAt writes it
}

// seal seals a value of this age with the newest secret.
func (r *Redis) seal(name string, age time.Duration, value []byte) []byte {
	return r.sealAt(name, r.clock.now().Add(-age).UnixMicro(), value)
}

// sealAt seals a value that was true at this time of the server, in microseconds.
func (r *Redis) sealAt(name string, at int64, value []byte) []byte {
	plain := append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(value)), uint64(at)), value...) //nolint:gosec // bits
	return r.keys.sealers[0].seal(name, plain)
}

// put stores a value of this age, soon, for ttl from now on: a request does not wait for it. Where too many values wait
// it is dropped. The time of its end is the server's, so that one that is written late lives no longer.
func (r *Redis) put(age, ttl time.Duration, value []byte, kind string, identity ...string) {
	if ttl < time.Millisecond {
		return
	}
	name := r.name(kind, identity...)
	r.enqueue(write{name: name, value: value, expires: r.clock.now().Add(ttl)}, age)
}

// enqueue has a value written.
func (r *Redis) enqueue(w write, age time.Duration) {
	if !r.isUp() {
		r.stats.skipped.Add(1)
		return
	}
	if len(w.value) > maxValue {
		w.value = nil
		r.stats.dropped.Add(1)
	}
	if w.value != nil {
		w.value = r.seal(w.name, age, w.value)
	}
	n := int64(len(w.value))
	if r.queued.Add(n) <= maxQueued {
		select {
		case r.writes <- w:
			return
		default:
		}
	}
	r.queued.Add(-n)
	r.stats.dropped.Add(1)
}

// write stores what waits, until ctx ends.
func (r *Redis) write(ctx context.Context) {
	for {
		var batch []write
		select {
		case <-ctx.Done():
			return
		case w := <-r.writes:
			batch = append(batch, w)
		}
		for len(batch) < maxPipeline && len(r.writes) > 0 {
			batch = append(batch, <-r.writes)
		}
		_, _ = r.doAll(ctx, func(ctx context.Context, client rueidis.Client) []rueidis.RedisResult {
			return client.DoMulti(ctx, commandsOf(client, batch)...)
		})
		for _, w := range batch {
			r.queued.Add(-int64(len(w.value)))
		}
	}
}

func commandsOf(client rueidis.Client, batch []write) rueidis.Commands {
	var commands rueidis.Commands
	for _, w := range batch {
		if w.value != nil {
			commands = append(commands, client.B().Set().Key(w.name).Value(rueidis.BinaryString(w.value)).
				PxatMillisecondsTimestamp(w.expires.UnixMilli()).Build())
		}
		if w.claim != "" {
			commands = append(commands, client.B().Del().Key(w.claim).Build())
		}
	}
	return commands
}
