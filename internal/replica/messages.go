package replica

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

const kindMessages = "messages"

// maxMessage bounds the bytes of a message: a kind and a name.
const maxMessage = 1 << 10

// messages are what replicas tell each other at once. One may get lost: each says that something is to be read again,
// and a replica that waits for it reads it after a while in any case.
type messages struct {
	mu        sync.Mutex
	listeners map[*listener]struct{}
}

type listener struct {
	kind  string
	f     func(name string)
	again func() // may be nil
}

// listen has f called with each message of a kind, and again, where it is not nil, after messages may have been lost, until
// stop is called. Both must return at once.
func (m *messages) listen(kind string, f func(name string), again func()) (stop func()) {
	l := &listener{kind, f, again}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners == nil {
		m.listeners = make(map[*listener]struct{})
	}
	m.listeners[l] = struct{}{}
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.listeners, l)
	}
}

// each calls f with all listeners.
func (m *messages) each(f func(*listener)) {
	m.mu.Lock()
	all := slices.Collect(maps.Keys(m.listeners))
	m.mu.Unlock()
	for _, l := range all {
		f(l)
	}
}

// deliver calls the listeners of a message.
func (m *messages) deliver(kind, name string) {
	m.each(func(l *listener) {
		if l.kind == kind {
			l.f(name)
		}
	})
}

// lost calls the listeners for whom messages may have been lost.
func (m *messages) lost() {
	m.each(func(l *listener) {
		if l.again != nil {
			l.again()
		}
	})
}

// tell sends a message to all replicas.
func (r *Redis) tell(ctx context.Context, kind, name string) {
	channel := r.name(kindMessages)
	message := r.seal(channel, 0, []byte(kind+" "+name))
	_, _ = r.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return client.Do(ctx, client.B().Publish().Channel(channel).Message(rueidis.BinaryString(message)).Build())
	})
}

// receive delivers messages, until ctx ends.
func (r *Redis) receive(ctx context.Context) {
	for ctx.Err() == nil {
		if client := r.current(); client != nil && r.isUp() {
			r.receiveFrom(ctx, client)
		}
		timer := time.NewTimer(minRetry)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// receiveFrom delivers messages until the connection ends. A replica writes with its newest secret, and while that is
// rotated others may have another one: messages come under the names of all.
func (r *Redis) receiveFrom(ctx context.Context, client rueidis.Client) {
	subscribe := client.B().Subscribe().Channel()
	channels := make(map[string]sealer, len(r.keys.sealers))
	names := make([]string, 0, len(r.keys.sealers))
	for _, s := range r.keys.sealers {
		name := r.prefix + s.name(kindMessages)
		channels[name], names = s, append(names, name)
	}
	ctx = rueidis.WithOnSubscriptionHook(ctx, func(rueidis.PubSubSubscription) { r.messages.lost() })
	_ = client.Receive(ctx, subscribe.Channel(names...).Build(), func(m rueidis.PubSubMessage) {
		s, known := channels[m.Channel]
		if !known || len(m.Message) > maxMessage {
			return
		}
		message, _, err := r.openSealed(s, m.Channel, []byte(m.Message))
		if err != nil {
			return
		}
		if kind, name, ok := strings.Cut(string(message), " "); ok {
			r.messages.deliver(kind, name)
			r.stats.messages.Add(1)
		}
	})
}
