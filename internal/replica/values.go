package replica

import (
	"context"
	"encoding/binary"
	"errors"
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
		value, at, err := r.getSealed(ctx, s, r.prefix+s.name(kind, identity...))
		if err == nil {
			return value, r.age(at), true
		}
		if !rueidis.IsRedisNil(err) && !errors.Is(err, errUnreadable) {
			return nil, 0, false
		}
	}
	return nil, 0, false
}

// getSealed returns the value that is stored under a name, and when it was true. The error is rueidis.Nil where there is
// none, and errUnreadable where the secret cannot open it.
func (r *Redis) getSealed(ctx context.Context, s sealer, name string) (value []byte, at int64, err error) {
	result, err := r.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return client.Do(ctx, client.B().Get().Key(name).Build())
	})
	if err != nil {
		return nil, 0, err
	}
	return r.open(s, name, result)
}

// open opens the value that the server has sent: the time at which it was true, in microseconds of the server, and what
// was stored.
func (r *Redis) open(s sealer, name string, result rueidis.RedisResult) (value []byte, at int64, err error) {
	sealed, err := result.AsBytes()
	if err != nil {
		return nil, 0, err
	}
	return r.openSealed(s, name, sealed)
}

// openSealed returns what was sealed, and when it was true.
func (r *Redis) openSealed(s sealer, name string, sealed []byte) (value []byte, at int64, err error) {
	value, err = s.open(name, sealed)
	if err != nil || len(value) < 8 {
		r.stats.unreadable.Add(1)
		return nil, 0, errUnreadable
	}
	return value[8:], int64(binary.BigEndian.Uint64(value)), nil //nolint:gosec // as sealAt writes it
}

// age returns how long ago a time of the server was.
func (r *Redis) age(at int64) time.Duration { return max(0, r.clock.now().Sub(time.UnixMicro(at))) }

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
