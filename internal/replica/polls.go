package replica

import (
	"context"
	_ "embed"
	"slices"
	"strconv"
	"time"

	"github.com/redis/rueidis"
)

const (
	kindPoller = "poller"
	kindPolled = "polled"

	// interestTTL is how long a replica wants something to be polled after it has said so, and pollTTL how long what was
	// polled is stored.
	interestTTL = 3 * time.Minute
	pollTTL     = 3 * time.Minute
)

var (
	//go:embed poll_lease.lua
	pollLeaseLua string
	//go:embed poll_publish.lua
	pollPublishLua string
	//go:embed poll_release.lua
	pollReleaseLua string

	pollLeaseScript   = rueidis.NewLuaScript(pollLeaseLua)
	pollPublishScript = rueidis.NewLuaScript(pollPublishLua)
	pollReleaseScript = rueidis.NewLuaScript(pollReleaseLua)
)

// Polls are the polls that replicas share: of one credential. One replica has the lease of each poller; versions say
// which of two polls is newer, so that two replicas that poll at once cost a call and nothing else.
type Polls struct {
	redis *Redis
	scope []string
}

// Polls returns the polls of a scope: all that says by whom, and of what, they were read.
func (r *Redis) Polls(scope ...string) Polls { return Polls{r, scope} }

// PollLease is what replicas know of a poller.
type PollLease struct {
	// IsHolder says that this replica is to poll, and Fence counts the replicas that were.
	IsHolder bool
	Fence    int64
	// Left is the time until another replica may poll.
	Left time.Duration
	// Interests are what the others want to be polled.
	Interests [][]byte
	// Polled is the version of the last poll, and Answered that of the last one that was answered; 0 where there was none.
	Polled, Answered int64
	// Private says that what was answered is not shared.
	Private bool
}

// PublishedPoll is a poll for Publish.
type PublishedPoll struct {
	Version, Fence int64
	Answered       bool
	Result         []byte // nil where it is not shared
}

// names returns the names of the hash of a poller and of what was polled, which have one hash tag.
func (p Polls) names(name []string) (hash, result string) {
	r := p.redis
	id := r.prefix + "{" + r.keys.sealers[0].name(kindPoller, slices.Concat(p.scope, name)...) + "}"
	return id, id + ":result"
}

// Lease says whether this replica is to poll, for ttl from now on, and tells the others what it wants to be polled. ok is
// false where there is no connection.
func (p Polls) Lease(ctx context.Context, name []string, interest []byte, ttl time.Duration) (lease PollLease, ok bool) {
	hash, _ := p.names(name)
	r := p.redis
	result, err := r.script(ctx, pollLeaseScript, []string{hash}, r.id, milliseconds(ttl),
		rueidis.BinaryString(r.seal(hash, 0, interest)), milliseconds(interestTTL))
	if err != nil {
		return PollLease{}, false
	}
	answer, err := result.ToArray()
	if err != nil || len(answer) != 7 {
		return PollLease{}, false
	}
	var n [6]int64
	for i := range n {
		if n[i], err = answer[i].AsInt64(); err != nil {
			return PollLease{}, false
		}
	}
	sealed, err := answer[6].AsStrSlice()
	if err != nil {
		return PollLease{}, false
	}
	lease = PollLease{
		IsHolder: n[0] == 1, Fence: n[1], Left: time.Duration(n[2]) * time.Millisecond, Polled: n[3], Answered: n[4],
		Private: n[5] == 1,
	}
	for _, one := range sealed {
		if interest, _, err := r.openSealed(r.keys.sealers[0], hash, []byte(one)); err == nil {
			lease.Interests = append(lease.Interests, interest)
		}
	}
	return lease, true
}

// Publish has the others know of a poll. A replica that has the lease keeps it for ttl.
func (p Polls) Publish(ctx context.Context, name []string, poll PublishedPoll, ttl time.Duration) {
	hash, result := p.names(name)
	r := p.redis
	answered, value := "0", ""
	if poll.Answered {
		answered = "1"
	}
	if poll.Result != nil && len(poll.Result) <= maxValue {
		value = rueidis.BinaryString(r.sealAt(result, poll.Version, poll.Result))
	}
	_, err := r.script(ctx, pollPublishScript, []string{hash, result}, r.id, strconv.FormatInt(poll.Fence, 10),
		strconv.FormatInt(poll.Version, 10), answered, value, milliseconds(pollTTL), milliseconds(ttl))
	if err == nil {
		r.tell(ctx, kindPolled, hash)
	}
}

// Latest returns what the last poll has read that was answered.
func (p Polls) Latest(ctx context.Context, name []string) (result []byte, version int64, ok bool) {
	_, at := p.names(name)
	r := p.redis
	result, version, err := r.getSealed(ctx, r.keys.sealers[0], at)
	return result, version, err == nil
}

// Release gives the lease up, so that another replica polls.
func (p Polls) Release(ctx context.Context, name []string) {
	hash, _ := p.names(name)
	if _, err := p.redis.script(ctx, pollReleaseScript, []string{hash}, p.redis.id); err == nil {
		p.redis.tell(ctx, kindPolled, hash)
	}
}

// Listen has f called when another replica has published a poll or given up its lease, or may have. f must return at once.
func (p Polls) Listen(name []string, f func()) (stop func()) {
	hash, _ := p.names(name)
	return p.redis.messages.listen(kindPolled, func(of string) {
		if of == hash {
			f()
		}
	}, f)
}

// Version returns the version of a poll that begins now.
func (p Polls) Version() int64 { return p.redis.clock.now().UnixMicro() }

// Time returns when a poll of this version began, by the local clock.
func (p Polls) Time(version int64) time.Time {
	return p.redis.clock.local().Add(-p.redis.clock.now().Sub(time.UnixMicro(version)))
}
