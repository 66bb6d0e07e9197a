package authn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
)

// How old the provider's keys may be. Between the first two ages they are fetched beside
// the callers, from the second on callers wait for that; a key that the provider
// withdraws is thus believed for ten minutes. While the provider cannot be reached its
// last keys count for an hour, and then nobody is believed.
const (
	refreshKeysAfter = 5 * time.Minute
	waitForKeysAfter = 10 * time.Minute
	trustKeysFor     = time.Hour

	// minFetchInterval is how long nothing is fetched after a fetch, whatever key ids
	// tokens come with: anybody can make them up.
	minFetchInterval = 10 * time.Second
)

var (
	errNoKeys = errors.New("authn: the provider's keys cannot be read")
	// errUnknownKey is a key id that the provider does not have.
	errUnknownKey = errors.New("authn: no such key")
)

// keySet is a provider's keys, fetched when they are needed: by one for all, and seldom.
type keySet struct {
	*jwkset.MemoryJWKSet

	fetch  func(context.Context) ([]jwkset.JWK, error)
	logger *slog.Logger

	life context.Context //nolint:containedctx // the life of the set, not of a call
	end  context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex
	fetched time.Time // the last success
	tried   time.Time // the last end of a fetch
	flight  *keyFlight
}

type keyFlight struct {
	done chan struct{}
	err  error
}

func newKeySet(fetch func(context.Context) ([]jwkset.JWK, error), logger *slog.Logger) *keySet {
	life, end := context.WithCancel(context.Background())
	return &keySet{MemoryJWKSet: jwkset.NewMemoryStorage(), fetch: fetch, logger: logger, life: life, end: end}
}

func (k *keySet) close() {
	k.end()
	k.wg.Wait()
}

// KeyRead is the key with an id. One that is not there is looked for at the provider:
// it may be new.
func (k *keySet) KeyRead(ctx context.Context, kid string) (jwkset.JWK, error) {
	if err := k.ready(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	key, err := k.MemoryJWKSet.KeyRead(ctx, kid)
	if !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	switch flight := k.start(); {
	case flight != nil:
		// With an error nobody knows whether it is there.
		if err := flight.wait(ctx); err != nil {
			return key, err
		}
	case k.failed():
		return key, errNoKeys
	}
	if key, err = k.MemoryJWKSet.KeyRead(ctx, kid); err != nil {
		return key, errUnknownKey
	}
	return key, nil
}

// failed is whether the last fetch was a failure.
func (k *keySet) failed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tried.After(k.fetched)
}

// ready sees to it that there are keys, and none that are too old.
func (k *keySet) ready(ctx context.Context) error {
	k.mu.Lock()
	age, trusted := time.Since(k.fetched), !k.fetched.IsZero()
	k.mu.Unlock()
	trusted = trusted && age <= trustKeysFor
	if trusted && age <= refreshKeysAfter {
		return nil
	}
	flight := k.start()
	switch {
	case flight == nil && trusted:
		return nil
	case flight == nil:
		return errNoKeys
	case trusted && (age <= waitForKeysAfter || k.failed()):
		// Who waited for a provider that is away would wait in vain again.
		return nil
	}
	if err := flight.wait(ctx); ctx.Err() != nil || !trusted {
		return err
	}
	return nil
}

// check fetches the keys and says what is wrong.
func (k *keySet) check(ctx context.Context) error {
	flight := k.start()
	if flight == nil {
		return k.ready(ctx)
	}
	return flight.wait(ctx)
}

func (f *keyFlight) wait(ctx context.Context) error {
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start fetches the keys beside the callers, unless somebody does: then it is theirs to
// wait for. It is nil when they were fetched, or could not be, a moment ago.
func (k *keySet) start() *keyFlight {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.flight != nil {
		return k.flight
	}
	if !k.tried.IsZero() && time.Since(k.tried) < minFetchInterval {
		return nil
	}
	f := &keyFlight{done: make(chan struct{})}
	k.flight = f
	k.wg.Go(func() {
		ctx, cancel := context.WithTimeout(k.life, fetchTimeout)
		defer cancel()
		keys, err := k.fetch(ctx)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.flight, k.tried = nil, time.Now()
		if err == nil {
			k.fetched = k.tried
			err = k.KeyReplaceAll(ctx, keys)
		}
		if err != nil {
			f.err = fmt.Errorf("%w: %w", errNoKeys, err)
			if k.life.Err() == nil {
				k.logger.Error("the keys of the OpenID provider cannot be read", slog.String("error", err.Error()))
			}
		}
		close(f.done)
	})
	return f
}
