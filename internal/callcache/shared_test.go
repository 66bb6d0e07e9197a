package callcache

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sharedMap is a Shared in memory.
type sharedMap struct {
	mu       sync.Mutex
	values   map[string]sharedValue
	released []string
}

type sharedValue struct {
	data []byte
	at   time.Time
	ttl  time.Duration
}

func (s *sharedMap) Find(_ context.Context, kind string, key ...string) ([]byte, time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.values[kind+strings.Join(key, "/")]
	return v.data, time.Since(v.at), ok
}

func (s *sharedMap) FindOrClaim(ctx context.Context, kind string, key ...string) ([]byte, time.Duration, bool) {
	return s.Find(ctx, kind, key...)
}

func (s *sharedMap) Put(value []byte, age, ttl time.Duration, kind string, key ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = make(map[string]sharedValue)
	}
	s.values[kind+strings.Join(key, "/")] = sharedValue{value, time.Now().Add(-age), ttl}
}

func (s *sharedMap) Release(kind string, key ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.released = append(s.released, kind+strings.Join(key, "/"))
}

// newSharedEnv is newEnv with a shared store, in which numbers up to 99 are.
func newSharedEnv(t *testing.T, shared Shared, readAt func(int) time.Time) *env {
	t.Helper()
	c, err := New[testKey](Options{
		MaxBytes: 1 << 20, MissingTTL: missingTTL, IsMissing: func(err error) bool { return errors.Is(err, errMissing) },
		Shared: shared,
	})
	if err != nil {
		t.Fatal(err)
	}
	return &env{Cache: c, numbers: NewKind(c, KindOptions[testKey, int]{
		Name: "number", TTL: func(int) time.Duration { return time.Minute }, Size: func(int) int { return 1 },
		HoldsSecret: func(int) bool { return false }, ReadAt: readAt,
		Codec: &Codec[testKey, int]{
			Kind: "number ", Key: func(k testKey) []string { return []string{k.name, strconv.Itoa(k.page)} },
			Encode:      func(n int) ([]byte, bool) { return []byte(strconv.Itoa(n)), n < 100 },
			Decode:      func(data []byte, _ time.Time) (int, error) { return strconv.Atoi(string(data)) },
			EncodeError: func(err error) ([]byte, bool) { return []byte("missing"), errors.Is(err, errMissing) },
			DecodeError: func([]byte) (error, error) { return errMissing, nil },
		},
	})}
}

func TestShared_hasTheResultsOfOtherCaches(t *testing.T) {
	for name, tt := range map[string]struct {
		value  int
		err    error
		shared bool
	}{
		"a value":                    {value: 7, shared: true},
		"a missing value":            {err: errMissing, shared: true},
		"a failure":                  {err: errRefused},
		"a value that is not shared": {value: 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &sharedMap{}
				one, other := newSharedEnv(t, s, nil), newSharedEnv(t, s, nil)
				defer one.Close()
				defer other.Close()
				load := func(context.Context) (int, error) { return tt.value, tt.err }
				if got, err := one.get(t.Context(), load); got != tt.value || !errors.Is(err, tt.err) {
					t.Fatalf("got %d, %v", got, err)
				}
				loads := 0
				got, err := other.get(t.Context(), func(ctx context.Context) (int, error) { loads++; return load(ctx) })
				if got != tt.value || !errors.Is(err, tt.err) || (loads == 0) != tt.shared {
					t.Errorf("another cache gets %d, %v by %d loads", got, err, loads)
				}
				if released := len(s.released) > 0; released == tt.shared {
					t.Errorf("released is %v", s.released)
				}
				if n := other.Stats().Kinds[0]; n.Misses != 1 || (n.Shared == 1) != tt.shared {
					t.Errorf("the counters are %+v", n)
				}
			})
		})
	}
}

func TestShared_prolongsNoTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sharedMap{}
		one, other := newSharedEnv(t, s, nil), newSharedEnv(t, s, nil)
		defer one.Close()
		defer other.Close()
		_, _ = one.get(t.Context(), value(7))
		<-time.After(50 * time.Second)
		var f Freshness
		if got, err := other.get(WithFreshness(t.Context(), &f), failure(errRefused)); got != 7 || err != nil ||
			f.Remaining() != 10*time.Second {
			t.Errorf("after 50 seconds: %d, %v, fresh for %s", got, err, f.Remaining())
		}
		<-time.After(11 * time.Second)
		if _, err := other.get(t.Context(), failure(errRefused)); !errors.Is(err, errRefused) {
			t.Errorf("after 61 seconds: %v", err)
		}
		third := newSharedEnv(t, s, nil)
		defer third.Close()
		if _, err := third.get(t.Context(), failure(errRefused)); !errors.Is(err, errRefused) {
			t.Errorf("a cache that never had it: %v", err)
		}
	})
}

func TestShared_knowsWhenAValueWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, read := &sharedMap{}, time.Now().Add(-20*time.Second)
		one, other := newSharedEnv(t, s, func(int) time.Time { return read }), newSharedEnv(t, s, nil)
		defer one.Close()
		defer other.Close()
		_, _ = one.get(t.Context(), value(7))
		for name, e := range map[string]*env{"the one that read it": one, "another one": other} {
			var f Freshness
			if _, err := e.get(WithFreshness(t.Context(), &f), failure(errRefused)); err != nil || f.Remaining() != 40*time.Second {
				t.Errorf("%s: %v, fresh for %s", name, err, f.Remaining())
			}
		}
	})
}

func TestShared_isNotUsedWithNoCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &sharedMap{}
		one, other := newSharedEnv(t, s, nil), newSharedEnv(t, s, nil)
		defer one.Close()
		defer other.Close()
		_, _ = one.get(t.Context(), value(7))
		if got, _ := other.get(WithNoCache(t.Context()), value(8)); got != 8 {
			t.Errorf("with no-cache: %d", got)
		}
		third := newSharedEnv(t, s, nil)
		defer third.Close()
		if got, _ := third.get(t.Context(), failure(errRefused)); got != 8 {
			t.Errorf("after that: %d", got)
		}
	})
}

func TestShared_ignoresWhatCannotBeDecoded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, data := range []string{"", "\x00", "\x00x", "\x07"} {
			s := &sharedMap{}
			s.Put([]byte(data), 0, time.Minute, "number ", "a", "1")
			e := newSharedEnv(t, s, nil)
			if got, err := e.get(t.Context(), value(7)); got != 7 || err != nil {
				t.Errorf("%q: %d, %v", data, got, err)
			}
			if _, ok := e.numbers.Fetch(t.Context(), testKey{name: "b"}); ok {
				t.Error("what is not there is fetched")
			}
			e.Close()
		}
	})
}
