package replica

import (
	"context"
	"errors"
	"time"

	"github.com/redis/rueidis"
)

// Ledger is what replicas must agree on, and must not lose without noticing: each method answers with what the server has
// done, or with an error. Values are sealed like all others.
type Ledger struct{ redis *Redis }

// Ledger returns the ledger.
func (r *Redis) Ledger() Ledger { return Ledger{r} }

// Add stores a value for ttl, and reports whether there was none. After an error it may be stored.
func (l Ledger) Add(
	ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string,
) (added bool, err error) {
	// While a secret is rotated the value may stand under the name of an old one.
	if _, exists, err := l.Get(ctx, kind, key...); err != nil || exists {
		return false, err
	}
	name := l.redis.name(kind, key...)
	_, err = l.redis.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return client.Do(ctx, client.B().Set().Key(name).Value(rueidis.BinaryString(l.redis.seal(name, 0, value))).Nx().
			PxMilliseconds(ttl.Milliseconds()).Build())
	})
	if rueidis.IsRedisNil(err) {
		return false, nil
	}
	return err == nil, err
}

// Set stores a value for ttl. After an error it may be stored.
func (l Ledger) Set(ctx context.Context, value []byte, ttl time.Duration, kind string, key ...string) error {
	name := l.redis.name(kind, key...)
	_, err := l.redis.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return client.Do(ctx, client.B().Set().Key(name).Value(rueidis.BinaryString(l.redis.seal(name, 0, value))).
			PxMilliseconds(ttl.Milliseconds()).Build())
	})
	return err
}

// Get returns a value.
func (l Ledger) Get(ctx context.Context, kind string, key ...string) (value []byte, ok bool, err error) {
	return l.read(ctx, func(client rueidis.Client, name string) rueidis.Completed {
		return client.B().Get().Key(name).Build()
	}, kind, key)
}

// Take returns and removes a value. After an error it may be removed.
func (l Ledger) Take(ctx context.Context, kind string, key ...string) (value []byte, ok bool, err error) {
	return l.read(ctx, func(client rueidis.Client, name string) rueidis.Completed {
		return client.B().Getdel().Key(name).Build()
	}, kind, key)
}

// read reads a value by a command, under the names of all secrets. A value that none of them can open is an error: it is
// not known what it says.
func (l Ledger) read(
	ctx context.Context, command func(client rueidis.Client, name string) rueidis.Completed, kind string, key []string,
) (value []byte, ok bool, err error) {
	for _, s := range l.redis.keys.sealers {
		name := l.redis.prefix + s.name(kind, key...)
		result, err := l.redis.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
			return client.Do(ctx, command(client, name))
		})
		switch {
		case rueidis.IsRedisNil(err):
			continue
		case err != nil:
			return nil, false, err
		}
		value, _, err := l.redis.open(s, name, result)
		if err != nil {
			return nil, false, errors.Join(errUnreadable, err)
		}
		return value, true, nil
	}
	return nil, false, nil
}

// Notices are messages of one kind that replicas send to each other. One may get lost.
type Notices struct {
	redis *Redis
	kind  string
}

// Notices returns the messages of a kind: one word.
func (r *Redis) Notices(kind string) Notices { return Notices{r, kind} }

// Send sends a message to all replicas, this one too.
func (n Notices) Send(ctx context.Context, text string) { n.redis.tell(ctx, n.kind, text) }

// Listen has f called with each message, and lost when messages may have been lost until then, at the beginning too, until
// stop is called. Both must return at once.
func (n Notices) Listen(f func(text string), lost func()) (stop func()) {
	return n.redis.messages.listen(n.kind, f, lost)
}
