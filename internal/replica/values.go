package replica

import (
	"context"
	"time"

	"github.com/redis/rueidis"
)

// maxWrites bounds the values that wait to be written.
const maxWrites = 256

// write is a value that is to be stored.
type write struct {
	name  string
	value []byte
	ttl   time.Duration
}

// get returns the value that is stored under an identity, sealed with any of the secrets.
func (r *Redis) get(ctx context.Context, kind string, identity ...string) ([]byte, bool) {
	for _, s := range r.keys.sealers {
		name := r.prefix + s.name(kind, identity...)
		result, err := r.do(ctx, func(b rueidis.Builder) rueidis.Completed { return b.Get().Key(name).Build() })
		switch {
		case rueidis.IsRedisNil(err):
			continue
		case err != nil:
			return nil, false
		}
		sealed, err := result.AsBytes()
		if err != nil {
			return nil, false
		}
		value, err := s.open(name, sealed)
		if err == nil {
			return value, true
		}
		r.stats.unreadable.Add(1)
	}
	return nil, false
}

// put stores a value, soon: a request does not wait for it. Where too many values wait it is dropped.
func (r *Redis) put(ttl time.Duration, value []byte, kind string, identity ...string) {
	if !r.isUp() {
		r.stats.skipped.Add(1)
		return
	}
	s := r.keys.sealers[0]
	name := r.prefix + s.name(kind, identity...)
	select {
	case r.writes <- write{name: name, value: s.seal(name, value), ttl: ttl}:
	default:
		r.stats.dropped.Add(1)
	}
}

// write stores what waits, until ctx ends.
func (r *Redis) write(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case w := <-r.writes:
			_, _ = r.do(ctx, func(b rueidis.Builder) rueidis.Completed {
				return b.Set().Key(w.name).Value(rueidis.BinaryString(w.value)).Px(w.ttl).Build()
			})
		}
	}
}
