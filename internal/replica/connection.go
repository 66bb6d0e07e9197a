package replica

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"atlas-restore-gateway/internal/secret"
)

// Times of the connection.
const (
	// commandTimeout bounds a command: a request waits no longer for the server.
	commandTimeout = 100 * time.Millisecond
	dialTimeout    = time.Second
	// While there is no connection, it is tried again after minRetry to maxRetry.
	minRetry = 250 * time.Millisecond
	maxRetry = 5 * time.Second
	// renewAfter is how long the server may not answer before the client is made anew: the address may have another one.
	renewAfter = 10 * time.Second
	// checkInterval is the time between two checks of a connection that works.
	checkInterval = 5 * time.Second
)

// Config has the settings of a Redis. URL, Keys and Logger are required.
type Config struct {
	// URL is that of the server: redis:// or, with TLS, rediss://, without a password. Its parameters addr name further
	// servers (a cluster, or the sentinels of master_set).
	URL      string
	Username string
	// Password returns the password as it is now; nil is none.
	Password func() (secret.Text, error)
	// CA has the authorities of the server's certificate; nil means those of the system.
	CA *x509.CertPool
	// Prefix is that of all names.
	Prefix string
	Keys   Keys
	Logger *slog.Logger
	// Now is the local clock, for tests; nil is time.Now. Whatever it says, replicas compare what they have by the clock of
	// the server.
	Now func() time.Time
}

// Redis is the connection to the server. It is made, checked and made again beside the work: no request waits for it. It
// is safe for concurrent use, and must be closed.
type Redis struct {
	option rueidis.ClientOption
	prefix string
	keys   Keys
	logger *slog.Logger
	ctx    context.Context //nolint:containedctx // that of all goroutines of the connection
	cancel context.CancelFunc
	wg     sync.WaitGroup

	closing sync.Mutex // of closed
	closed  bool

	wake   chan struct{} // has an element when a command has failed
	writes chan write

	mu     sync.Mutex // of client
	client rueidis.Client

	state    atomic.Int32
	clock    clock
	id       string // of this replica
	replicas atomic.Int64
	queued   atomic.Int64 // bytes of writes
	stats    stats

	messages messages
	buckets  drained
}

// The states of a connection.
const (
	stateUnknown int32 = iota // before the first check
	stateUp
	stateDown
)

// stats are counters. See Stats.
type stats struct{ commands, failed, skipped, dropped, unreadable, messages, nanoseconds atomic.Uint64 }

// Stats are the counters of the connection.
type Stats struct {
	Up bool
	// Commands were answered, Failed were not, and Skipped were not sent, because there was no connection.
	Commands, Failed, Skipped uint64
	// Dropped are values that were not written, because too many waited.
	Dropped uint64
	// Unreadable are values that no secret could open: wrong, torn or foreign ones. They count as missing.
	Unreadable uint64
	// Replicas are those that were alive when the server answered last, this one included.
	Replicas int
	// Messages were received from replicas.
	Messages uint64
	// Waited is how long all commands took that were sent.
	Waited time.Duration
}

// Stats returns the counters.
func (r *Redis) Stats() Stats {
	return Stats{
		Up: r.isUp(), Commands: r.stats.commands.Load(), Failed: r.stats.failed.Load(), Skipped: r.stats.skipped.Load(),
		Dropped: r.stats.dropped.Load(), Unreadable: r.stats.unreadable.Load(),
		Replicas: r.Replicas(), Messages: r.stats.messages.Load(),
		Waited: time.Duration(r.stats.nanoseconds.Load()), //nolint:gosec // counts for centuries
	}
}

// CheckURL returns an error for a URL that names no server, or that has a password.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return errors.New("must be a URL like rediss://redis.example.com:6379")
	}
	if _, has := u.User.Password(); has {
		return errors.New("must have no password: everyone who lists processes can read it; set " +
			"GATEWAY_REPLICA_REDIS_PASSWORD or --replica-redis-password-file")
	}
	for name := range u.Query() {
		if name != "addr" && name != "master_set" && name != "db" {
			return fmt.Errorf("has the parameter %q: there are addr (of further servers), master_set (of sentinels) and db", name)
		}
	}
	if _, err := rueidis.ParseURL(raw); err != nil {
		return errors.New("names no database that there can be")
	}
	return nil
}

// version is that of the format of all names and values.
const version = ":v1:"

// optionOf returns the settings of the client.
func optionOf(c Config) (rueidis.ClientOption, error) {
	if err := CheckURL(c.URL); err != nil {
		return rueidis.ClientOption{}, fmt.Errorf("replica: the URL %w", err)
	}
	if len(c.Keys.sealers) == 0 {
		return rueidis.ClientOption{}, errors.New("replica: there are no keys")
	}
	option, err := rueidis.ParseURL(c.URL)
	if err != nil {
		return rueidis.ClientOption{}, fmt.Errorf("replica: %w", err)
	}
	if option.TLSConfig != nil {
		option.TLSConfig.RootCAs, option.TLSConfig.MinVersion = c.CA, tls.VersionTLS12
	}
	username := c.Username
	if username == "" {
		username = option.Username
	}
	option.Username, option.Password = "", ""
	if c.Password != nil {
		option.AuthCredentialsFn = func(rueidis.AuthCredentialsContext) (rueidis.AuthCredentials, error) {
			password, err := c.Password()
			return rueidis.AuthCredentials{Username: username, Password: string(password)}, err
		}
	}
	option.ClientName = "atlas-restore-gateway"
	option.ClientSetInfo = rueidis.DisableClientSetInfo // is newer than 6.2
	option.DisableCache, option.DisableRetry = true, true
	option.Dialer.Timeout, option.ConnWriteTimeout = dialTimeout, commandTimeout
	if option.Sentinel.MasterSet != "" {
		option.Sentinel.Dialer, option.Sentinel.TLSConfig = option.Dialer, option.TLSConfig
		option.Sentinel.TopologyRefreshInterval = checkInterval // also when a message of the sentinels was lost
	}
	// One connection for each server: commands are few and small.
	option.PipelineMultiplex, option.RingScaleEachConn = -1, 8
	return option, nil
}

// New returns a Redis, which connects by itself: a gateway can start without the server.
func New(c Config) (*Redis, error) {
	option, err := optionOf(c)
	if err != nil {
		return nil, err
	}
	r := &Redis{
		option: option, prefix: c.Prefix + version, keys: c.Keys, logger: c.Logger, wake: make(chan struct{}, 1),
		writes: make(chan write, maxWrites), id: rand.Text(), buckets: newDrained(), clock: clock{local: time.Now},
	}
	if c.Now != nil {
		r.clock.local = c.Now
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.messages.listen(kindDrained, r.buckets.add, nil)
	r.wg.Go(func() { r.run(r.ctx) })
	r.wg.Go(func() { r.write(r.ctx) })
	r.wg.Go(func() { r.receive(r.ctx) })
	return r, nil
}

// Close ends the connection, and waits for what works on it.
func (r *Redis) Close() {
	r.closing.Lock()
	r.closed = true
	r.closing.Unlock()
	r.cancel()
	r.wg.Wait()
	r.leave()
	r.replace(nil)
}

// background runs f beside the work, with a context that ends when the connection is closed. It reports false where it is
// closed.
func (r *Redis) background(f func(context.Context)) bool {
	r.closing.Lock()
	defer r.closing.Unlock()
	if r.closed {
		return false
	}
	r.wg.Go(func() { f(r.ctx) })
	return true
}

// run connects, and checks the connection, until ctx ends.
func (r *Redis) run(ctx context.Context) {
	retry, since := minRetry, time.Now()
	var up time.Time // since when it works
	for ctx.Err() == nil {
		err := r.check(ctx)
		wait := checkInterval
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if !r.isUp() {
				up = time.Now()
			}
			r.setState(stateUp, nil)
			since = time.Now()
			// One that fails again at once is not tried again at once.
			if time.Since(up) > checkInterval {
				retry = minRetry
			}
		default:
			r.setState(stateDown, err)
			if time.Since(since) > renewAfter {
				r.replace(nil)
				since = time.Now()
			}
			wait, retry = retry, min(2*retry, maxRetry)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.wakeIf(err == nil):
		}
		timer.Stop()
	}
}

// wakeIf returns the channel of failed commands, or none: while there is no connection they change nothing.
func (r *Redis) wakeIf(up bool) <-chan struct{} {
	if !up {
		return nil
	}
	return r.wake
}

// check makes a client where there is none, and has the server answer.
func (r *Redis) check(ctx context.Context) error {
	client := r.current()
	if client == nil {
		var err error
		if client, err = rueidis.NewClient(r.option); err != nil {
			return err
		}
		r.replace(client)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	return r.heartbeat(ctx, client)
}

func (r *Redis) current() rueidis.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client
}

// replace closes the client, and takes another one.
func (r *Redis) replace(client rueidis.Client) {
	r.mu.Lock()
	old := r.client
	r.client = client
	r.mu.Unlock()
	if old != nil {
		old.Close()
	}
}

func (r *Redis) isUp() bool { return r.state.Load() == stateUp }

// setState logs a transition once.
func (r *Redis) setState(state int32, err error) {
	switch before := r.state.Swap(state); {
	case before == state:
	case state == stateUp:
		r.logger.Info("replicas share what they have by Redis")
	default:
		r.logger.Warn("Redis cannot be used: this replica goes on with what it has", slog.String("error", err.Error()))
	}
}

var errDown = errors.New("replica: there is no connection")

// do has the server execute what send sends. The error is that of the result, or says that there is no connection;
// rueidis.Nil means that there is no value.
func (r *Redis) do(
	ctx context.Context, send func(context.Context, rueidis.Client) rueidis.RedisResult,
) (result rueidis.RedisResult, err error) {
	_, err = r.doAll(ctx, func(ctx context.Context, client rueidis.Client) []rueidis.RedisResult {
		result = send(ctx, client)
		return []rueidis.RedisResult{result}
	})
	if err == nil {
		err = result.Error()
	}
	return result, err
}

// doAll is do for several commands. Its error is the first one but rueidis.Nil.
func (r *Redis) doAll(
	ctx context.Context, send func(context.Context, rueidis.Client) []rueidis.RedisResult,
) ([]rueidis.RedisResult, error) {
	client := r.current()
	if client == nil || !r.isUp() {
		r.stats.skipped.Add(1)
		return nil, errDown
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	start := time.Now()
	results := send(ctx, client)
	r.stats.nanoseconds.Add(uint64(time.Since(start))) //nolint:gosec // not negative
	for _, result := range results {
		err := result.Error()
		if err == nil || rueidis.IsRedisNil(err) {
			r.stats.commands.Add(1)
			continue
		}
		if caller.Err() != nil {
			return nil, err
		}
		r.stats.failed.Add(1)
		if _, answered := rueidis.IsRedisErr(err); !answered {
			r.setState(stateDown, err)
			select {
			case r.wake <- struct{}{}:
			default:
			}
		}
		return nil, err
	}
	return results, nil
}

// script has the server execute a script. All keys have one hash tag.
func (r *Redis) script(
	ctx context.Context, script *rueidis.Lua, keys []string, args ...string,
) (rueidis.RedisResult, error) {
	return r.do(ctx, func(ctx context.Context, client rueidis.Client) rueidis.RedisResult {
		return script.Exec(ctx, client, keys, args)
	})
}
