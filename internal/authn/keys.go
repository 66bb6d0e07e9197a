package authn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"

	"atlas-restore-gateway/internal/flight"
)

// Ages of the provider's keys. After the first they are fetched in the background, after the second callers wait for
// the fetch: a key that the provider withdraws is accepted for ten minutes at most. While the provider cannot be
// reached its last keys are accepted for an hour, and then no token is.
const (
	refreshKeysAfter = 5 * time.Minute
	waitForKeysAfter = 10 * time.Minute
	trustKeysFor     = time.Hour

	// minFetchInterval is how long no fetch follows a fetch, whatever key ids the tokens have: an attacker can make up
	// any number of them.
	minFetchInterval = 10 * time.Second
)

var (
	errNoKeys = errors.New("authn: the provider's keys cannot be read")
	// errUnknownKey reports a key id that the provider does not have.
	errUnknownKey = errors.New("authn: no such key")
)

// keySet has the keys of a provider, which are fetched when they are needed.
type keySet struct {
	*jwkset.MemoryJWKSet

	fetchKeys func(context.Context) ([]jwkset.JWK, error)
	logger    *slog.Logger
	fetches   flight.Group[struct{}, struct{}]

	mu       sync.Mutex
	fetched  time.Time // end of the last successful fetch
	tried    time.Time // end of the last fetch
	fetching *keyFetch // nil while there is none
}

// keyFetch is a fetch of the keys that callers can wait for.
type keyFetch = flight.Call[struct{}]

func newKeySet(fetch func(context.Context) ([]jwkset.JWK, error), logger *slog.Logger) *keySet {
	return &keySet{MemoryJWKSet: jwkset.NewMemoryStorage(), fetchKeys: fetch, logger: logger}
}

func (k *keySet) close() { k.fetches.Close() }

// KeyRead returns the key with an id. An unknown id is looked up at the provider, because the key may be new.
func (k *keySet) KeyRead(ctx context.Context, kid string) (jwkset.JWK, error) {
	if err := k.ensureFresh(ctx); err != nil {
		return jwkset.JWK{}, err
	}
	key, err := k.MemoryJWKSet.KeyRead(ctx, kid)
	if !errors.Is(err, jwkset.ErrKeyNotFound) {
		return key, err
	}
	switch fetch := k.startFetch(); {
	case fetch != nil:
		// After an error it is not known whether the provider has the key.
		if _, err := fetch.Wait(ctx); err != nil {
			return key, err
		}
	case k.lastFetchFailed():
		return key, errNoKeys
	}
	if key, err = k.MemoryJWKSet.KeyRead(ctx, kid); err != nil {
		return key, errUnknownKey
	}
	return key, nil
}

func (k *keySet) lastFetchFailed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.tried.After(k.fetched)
}

// ensureFresh fetches the keys if they are too old, and waits for the fetch if the keys must not be used until then.
func (k *keySet) ensureFresh(ctx context.Context) error {
	k.mu.Lock()
	age, trusted := time.Since(k.fetched), !k.fetched.IsZero()
	k.mu.Unlock()
	trusted = trusted && age <= trustKeysFor
	if trusted && age <= refreshKeysAfter {
		return nil
	}
	fetch := k.startFetch()
	switch {
	case fetch == nil && trusted:
		return nil
	case fetch == nil:
		return errNoKeys
	case trusted && (age <= waitForKeysAfter || k.lastFetchFailed()):
		// After a failure callers do not wait again: the provider is probably still away.
		return nil
	}
	if _, err := fetch.Wait(ctx); ctx.Err() != nil || !trusted {
		return err
	}
	return nil
}

// check fetches the keys and returns what is wrong with them.
func (k *keySet) check(ctx context.Context) error {
	fetch := k.startFetch()
	if fetch == nil {
		return k.ensureFresh(ctx)
	}
	_, err := fetch.Wait(ctx)
	return err
}

// startFetch returns the fetch in progress, or starts one in the background. It returns nil within minFetchInterval of
// the last fetch.
func (k *keySet) startFetch() *keyFetch {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fetching == nil && (k.tried.IsZero() || time.Since(k.tried) >= minFetchInterval) {
		k.fetching = k.fetches.Background(struct{}{}, k.fetch)
	}
	return k.fetching
}

// fetch replaces the keys by those of the provider.
func (k *keySet) fetch(ctx context.Context) (struct{}, error) {
	fetched := false
	defer func() { // also after a panic
		k.mu.Lock()
		defer k.mu.Unlock()
		k.fetching, k.tried = nil, time.Now()
		if fetched {
			k.fetched = k.tried
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	keys, err := k.fetchKeys(bounded)
	if err == nil {
		err = k.KeyReplaceAll(bounded, keys)
	}
	if fetched = err == nil; fetched {
		return struct{}{}, nil
	}
	if ctx.Err() == nil { // not closed
		k.logger.Error("the keys of the OpenID provider cannot be read", slog.String("error", err.Error()))
	}
	return struct{}{}, fmt.Errorf("%w: %w", errNoKeys, err)
}
