package upstream

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/authz"
)

// doorman plays Atlas without a network: it refuses the tokens that begin with "made-up",
// and has those in held wait until their channel is closed.
type doorman struct {
	mu      sync.Mutex
	refused bool // for everybody
	held    map[string]chan struct{}
}

func (d *doorman) RoundTrip(r *http.Request) (*http.Response, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	d.mu.Lock()
	hold, refused := d.held[token], d.refused || strings.HasPrefix(token, "made-up")
	d.mu.Unlock()
	if hold != nil {
		<-hold
	}
	res := &http.Response{
		StatusCode: http.StatusOK, Request: r, ProtoMajor: 1, ProtoMinor: 1, ContentLength: -1,
		Header: http.Header{"Content-Type": {"application/vnd.atlas.2023-01-01+json;charset=utf-8"}},
		Body:   io.NopCloser(strings.NewReader(`{"id":"63f3484e1f3a9b27c6000001","name":"Storefront"}`)),
	}
	if refused {
		res.StatusCode = http.StatusUnauthorized
		res.Body = io.NopCloser(strings.NewReader(`{"error":401,"errorCode":"USER_UNAUTHORIZED"}`))
	}
	return res, nil
}

// hold has whoever asks with this token from now on wait, and gives what lets it go on.
func (d *doorman) hold(token string) (goOn func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait := make(chan struct{})
	d.held = map[string]chan struct{}{token: wait}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.held = nil
		close(wait)
	}
}

func (d *doorman) refuse(all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = all
}

// door is a Passthrough before a doorman, with room for 12 proven clients and minUnproven
// others.
type door struct {
	*Passthrough
	doorman

	made made
	sent int // made-up tokens
}

// newDoor is for a bubble of time.
func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{}
	d.Passthrough = NewPassthrough(d.made.over(func() http.RoundTripper { return &d.doorman }, "https://cloud.mongodb.com"), 12)
	t.Cleanup(d.Close)
	return d
}

func (d *door) read(t *testing.T, token string) error {
	t.Helper()
	_, err := d.Reader().Project(as(t.Context(), token), "63f3484e1f3a9b27c6000001")
	return err
}

func (d *door) mustRead(t *testing.T, token string) {
	t.Helper()
	if err := d.read(t, token); err != nil {
		t.Errorf("%s got %v", token, err)
	}
}

func (d *door) mustNotRead(t *testing.T, token string) {
	t.Helper()
	if err := d.read(t, token); err == nil {
		t.Errorf("%s was let in", token)
	}
}

// ask begins to read, and comes back when Atlas holds the answer: goOn lets it come, and
// then answer gives the error.
func (d *door) ask(t *testing.T, token string) (goOn func(), answer <-chan error) {
	t.Helper()
	goOn = d.hold(token)
	ended := make(chan error, 1)
	go func() { ended <- d.read(t, token) }()
	synctest.Wait()
	return goOn, ended
}

// flood sends made-up tokens as fast as new ones are taken, and none is let in.
func (d *door) flood(t *testing.T, tokens int) {
	t.Helper()
	for range tokens {
		<-time.After(time.Second / newClients)
		d.sent++
		var e *authz.Error
		if err := d.read(t, fmt.Sprint("made-up-", d.sent)); err == nil || errors.As(err, &e) {
			t.Fatalf("the made-up token %d got %v", d.sent, err)
		}
	}
}

// wantClients checks how many clients were made, but for made-up tokens, and how many of
// all there are now.
func (d *door) wantClients(t *testing.T, step string, made, open int32) {
	t.Helper()
	if got := d.made.built.Load() - int32(d.sent); got != made || d.made.open() != open {
		t.Errorf("%s: %d clients were made and %d are open, want %d and %d", step, got, d.made.open(), made, open)
	}
}

func TestMadeUpTokensPushOutNobodyWhomAtlasHasAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		d.mustRead(t, "honest")
		d.flood(t, 1000)
		d.wantClients(t, "after the flood", 1, 1+minUnproven)
		d.mustRead(t, "honest")
		d.wantClients(t, "who was there before", 1, 1+minUnproven)
		d.mustRead(t, "newcomer")
		d.flood(t, 20)
		d.mustRead(t, "newcomer")
		d.wantClients(t, "who came during it", 2, 2+minUnproven)
	})
}

func TestTheFirstAnswerSecuresAPlaceThatWasLostWhileItCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		goOn, first := d.ask(t, "newcomer")
		d.flood(t, 2*minUnproven)
		d.wantClients(t, "pushed out, and in use", 1, 1+minUnproven)
		goOn()
		if err := <-first; err != nil {
			t.Error(err)
		}
		d.flood(t, 2*minUnproven)
		d.mustRead(t, "newcomer")
		d.wantClients(t, "the second question", 1, 1+minUnproven)
	})
}

func TestATokenThatCameAgainWhileItsFirstClientWasPushedOutHasOneClientInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		first, answer := d.ask(t, "newcomer")
		d.flood(t, 2*minUnproven)
		second, another := d.ask(t, "newcomer")
		d.wantClients(t, "both under way", 2, 1+minUnproven)
		for _, one := range []struct {
			goOn   func()
			answer <-chan error
		}{{first, answer}, {second, another}} {
			one.goOn()
			if err := <-one.answer; err != nil {
				t.Error(err)
			}
			d.wantClients(t, "answered", 2, minUnproven) // itself, and those that it did not push out
		}
		d.flood(t, 2*minUnproven)
		d.mustRead(t, "newcomer")
		d.wantClients(t, "the third question", 2, 1+minUnproven)
	})
}

func TestATokenThatAtlasRefusedFirstIsProvenWhenItIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		d.refuse(true)
		d.mustNotRead(t, "early")
		d.refuse(false)
		d.mustRead(t, "early")
		<-time.After(time.Minute) // the answer is kept no longer
		d.refuse(true)
		d.mustNotRead(t, "early")
		d.flood(t, 2*minUnproven)
		d.mustNotRead(t, "early")
		d.wantClients(t, "after the flood", 1, 1+minUnproven)
	})
}

func TestAClientInUseOutlivesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		goOn, under := d.ask(t, "made-up")
		d.flood(t, minUnproven)
		if d.made.closed.Load() != 0 {
			t.Error("the client was closed under its caller")
		}
		goOn()
		if err := <-under; err == nil {
			t.Error("it was let in")
		}
		if d.made.closed.Load() != 1 {
			t.Errorf("%d clients were closed after it", d.made.closed.Load())
		}
	})
}

func TestAClientThatIsAnsweredWhileAllAreClosedIsClosedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		goOn, first := d.ask(t, "newcomer")
		d.flood(t, minUnproven) // it is out
		go d.Close()
		synctest.Wait()
		d.wantClients(t, "while somebody is answered", 1, 1)
		goOn()
		if err := <-first; err != nil {
			t.Error(err)
		}
		d.wantClients(t, "in the end", 1, 0)
	})
}

func TestClientsThatNobodyUsesAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		d.mustRead(t, "proven")
		d.flood(t, 1)
		l, err := d.choose(as(t.Context(), "in-use"), "")
		if err != nil {
			t.Fatal(err)
		}
		defer l.release()
		d.wantClients(t, "at first", 2, 3)
		<-time.After(idleFor + idleFor/5 + time.Second)
		synctest.Wait()
		d.wantClients(t, "after a while", 2, 1)
	})
}

func TestAFloodOfMadeUpTokensIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoor(t)
		d.mustRead(t, "known")
		refused := 0
		for i := range 1000 {
			var e *authz.Error
			if err := d.read(t, fmt.Sprint("made-up-", i)); errors.As(err, &e) && e.Kind == authz.RateLimited {
				refused++
			}
			if err := d.read(t, "known"); err != nil {
				t.Fatalf("a known token is refused: %v", err)
			}
		}
		if refused != 1000-newClientsBurst+1 {
			t.Errorf("%d were refused", refused)
		}
		<-time.After(time.Second)
		if err := d.read(t, "new"); err != nil {
			t.Errorf("a second later: %v", err)
		}
	})
}
