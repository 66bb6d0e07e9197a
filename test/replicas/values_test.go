package replicas

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"atlas-restore-gateway/internal/replica"
)

// connect connects to a Redis in this process, as a replica whose clock is off by some time.
func connect(t *testing.T, r *redis, key string, off time.Duration) *replica.Redis {
	t.Helper()
	keys, err := replica.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := replica.New(replica.Config{
		URL: r.url(), Prefix: "test", Keys: keys, Logger: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return time.Now().Add(off) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	waitFor(t, "it is connected", func() bool { return c.Stats().Up })
	return c
}

func TestResults_ofOneCredentialCannotBeReadByAnother(t *testing.T) {
	t.Parallel()
	r, key := startRedis(t), newSecret()
	one, other, foreign := connect(t, r, key, 0), connect(t, r, key, 0), connect(t, r, newSecret(), 0)
	parts := []string{"", "a", "b", "ab", "ba", "a b", "aa"}
	pick := func(n uint8) string { return parts[int(n)%len(parts)] }
	stored := make(map[[3]string]string)
	property := func(credential, kind, id uint8, value []byte) bool {
		at := [3]string{pick(credential), pick(kind), pick(id)}
		text := strconv.Itoa(len(stored)) + string(value)
		stored[at] = text
		one.Results(at[0]).Put([]byte(text), 0, time.Hour, at[1], at[2])
		waitFor(t, "it is stored", func() bool {
			got, _, _ := one.Results(at[0]).Find(context.Background(), at[1], at[2])
			return string(got) == text
		})
		for _, c := range parts {
			for _, k := range parts {
				for _, id := range parts {
					want, isStored := stored[[3]string{c, k, id}]
					got, _, ok := other.Results(c).Find(context.Background(), k, id)
					if ok != isStored || string(got) != want {
						t.Errorf("%q, %q, %q has %q, %t, want %q", c, k, id, got, ok, want)
						return false
					}
				}
			}
		}
		_, _, ok := foreign.Results(at[0]).Find(context.Background(), at[1], at[2])
		return !ok
	}
	if err := quick.Check(property, &quick.Config{MaxCount: 30}); err != nil {
		t.Error(err)
	}
	for _, name := range r.values() {
		for _, text := range stored {
			if len(text) > 8 && strings.Contains(r.tryCLI("GET", name), text) {
				t.Errorf("Redis shows %q", text)
			}
		}
	}
}

func TestResults_haveTheirAgeWhateverClocksSay(t *testing.T) {
	r, key := startRedis(t), newSecret()
	for name, off := range map[string][2]time.Duration{
		"the same":                {},
		"the writer's is ahead":   {time.Hour, 0},
		"the writer's is behind":  {-time.Hour, 0},
		"the reader's is ahead":   {0, time.Hour},
		"both are, by a day each": {24 * time.Hour, -24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			writer, reader := connect(t, r, key, off[0]), connect(t, r, key, off[1])
			writer.Results(name).Put([]byte("value"), time.Minute, time.Hour, "kind", "long")
			writer.Results(name).Put([]byte("value"), 0, time.Millisecond, "kind", "short")
			writer.Results(name).Put([]byte("value"), 0, time.Hour, "kind", "last")
			waitFor(t, "it is stored", func() bool {
				_, _, ok := reader.Results(name).Find(t.Context(), "kind", "last")
				return ok
			})
			if _, age, ok := reader.Results(name).Find(t.Context(), "kind", "long"); !ok || age < time.Minute || age > 2*time.Minute {
				t.Errorf("what was a minute old is %s old: %t", age, ok)
			}
			waitFor(t, "the short one is over", func() bool {
				_, _, ok := reader.Results(name).Find(t.Context(), "kind", "short")
				return !ok
			})
			if began := reader.Polls(name).Time(writer.Polls(name).Version()); reader.Polls(name).Time(reader.Polls(name).Version()).Sub(began).Abs() > time.Second {
				t.Errorf("a poll that begins now begins at %s", began)
			}
		})
	}
}

func TestPolls_areNotReplacedByOlderOnes(t *testing.T) {
	t.Parallel()
	r, key := startRedis(t), newSecret()
	one, other := connect(t, r, key, 0).Polls("x"), connect(t, r, key, time.Hour).Polls("x")
	name := []string{"group", "cluster"}
	lease := func(p replica.Polls) replica.PollLease {
		t.Helper()
		got, ok := p.Lease(t.Context(), name, []byte("interest"), time.Hour)
		if !ok {
			t.Fatal("there is no connection")
		}
		return got
	}
	first := lease(one)
	if second := lease(other); !first.IsHolder || second.IsHolder || second.Left < time.Minute || second.Fence != first.Fence ||
		len(second.Interests) != 1 || string(second.Interests[0]) != "interest" {
		t.Fatalf("the leases are %+v and %+v", first, second)
	}
	publish := func(p replica.Polls, version int64, answered bool, result string) {
		p.Publish(t.Context(), name, replica.PublishedPoll{
			Version: version, Fence: first.Fence, Answered: answered, Result: []byte(result),
		}, time.Hour)
	}
	now := one.Version()
	for _, tt := range []struct {
		what             string
		by               replica.Polls
		version          int64
		answered         bool
		want             string
		polled, latestAt int64
	}{
		{what: "the first", by: one, version: now, answered: true, want: "the first", polled: now, latestAt: now},
		{what: "an older one", by: other, version: now - 1, answered: true, want: "the first", polled: now, latestAt: now},
		{what: "a newer one of another replica", by: other, version: now + 2, answered: true,
			want: "a newer one of another replica", polled: now + 2, latestAt: now + 2},
		{what: "one in between", by: one, version: now + 1, answered: true,
			want: "a newer one of another replica", polled: now + 2, latestAt: now + 2},
		{what: "a failed one", by: one, version: now + 3, want: "a newer one of another replica", polled: now + 3, latestAt: now + 2},
	} {
		publish(tt.by, tt.version, tt.answered, tt.what)
		got, version, ok := other.Latest(t.Context(), name)
		if l := lease(other); !ok || string(got) != tt.want || version != tt.latestAt || l.Polled != tt.polled || l.Answered != tt.latestAt {
			t.Errorf("after %s: %q, %d, %t, %+v", tt.what, got, version-now, ok, l)
		}
	}
	heard := make(chan struct{}, 10)
	defer other.Listen(name, func() { heard <- struct{}{} })()
	one.Release(t.Context(), name)
	select {
	case <-heard:
	case <-t.Context().Done():
		t.Error("the other replica does not hear that the lease is free")
	}
	if second := lease(other); !second.IsHolder || second.Fence != first.Fence+1 || len(second.Interests) != 0 {
		t.Errorf("then the lease is %+v", second)
	}
}
