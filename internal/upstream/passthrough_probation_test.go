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

// tokenServer is an Atlas without a network: it refuses tokens that begin with "made-up", and delays
// the answer to a blocked one.
type tokenServer struct {
	mu         sync.Mutex
	rejectsAll bool
	blocked    map[string]chan struct{} // closed when the answer is sent
}

func (s *tokenServer) RoundTrip(r *http.Request) (*http.Response, error) {
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	blocked, refused := s.blocked[token], s.rejectsAll || strings.HasPrefix(token, "made-up")
	s.mu.Unlock()
	if blocked != nil {
		<-blocked
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

// block delays the answers to requests with this token until unblock is called.
func (s *tokenServer) block(token string) (unblock func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wait := make(chan struct{})
	s.blocked = map[string]chan struct{}{token: wait}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.blocked = nil
		close(wait)
	}
}

func (s *tokenServer) rejectAll(refuses bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rejectsAll = refuses
}

// probationEnv is a Passthrough of 12 accepted clients and minOnProbation others in front of a
// tokenServer.
type probationEnv struct {
	*Passthrough
	tokenServer

	made made
	sent int // made-up tokens
}

// newProbationEnv is for a synctest bubble.
func newProbationEnv(t *testing.T) *probationEnv {
	t.Helper()
	e := &probationEnv{}
	e.Passthrough = NewPassthrough(e.made.over(func() http.RoundTripper { return &e.tokenServer },
		"https://cloud.mongodb.com"), 12)
	t.Cleanup(e.Close)
	return e
}

func (e *probationEnv) read(t *testing.T, token string) error {
	t.Helper()
	_, err := e.Reader().Project(as(t.Context(), token), "63f3484e1f3a9b27c6000001")
	return err
}

func (e *probationEnv) mustRead(t *testing.T, token string) {
	t.Helper()
	if err := e.read(t, token); err != nil {
		t.Errorf("%s got %v", token, err)
	}
}

func (e *probationEnv) mustNotRead(t *testing.T, token string) {
	t.Helper()
	if err := e.read(t, token); err == nil {
		t.Errorf("%s was accepted", token)
	}
}

// readBlocked begins to read, and returns when Atlas has the request. After unblock the error of the read is
// in done.
func (e *probationEnv) readBlocked(t *testing.T, token string) (unblock func(), done <-chan error) {
	t.Helper()
	unblock = e.block(token)
	ended := make(chan error, 1)
	go func() { ended <- e.read(t, token) }()
	synctest.Wait()
	return unblock, ended
}

// flood sends made-up tokens as fast as the rate limit allows, and none is accepted.
func (e *probationEnv) flood(t *testing.T, tokens int) {
	t.Helper()
	for range tokens {
		<-time.After(time.Second / newClients)
		e.sent++
		var limited *authz.Error
		if err := e.read(t, fmt.Sprint("made-up-", e.sent)); err == nil || errors.As(err, &limited) {
			t.Fatalf("the made-up token %d got %v", e.sent, err)
		}
	}
}

// wantClients checks how many clients were made for tokens that are not made up, and how many
// clients of all tokens are open.
func (e *probationEnv) wantClients(t *testing.T, step string, made, open int32) {
	t.Helper()
	if got := e.made.built.Load() - int32(e.sent); got != made || e.made.open() != open {
		t.Errorf("%s: %d clients were made and %d are open, want %d and %d", step, got, e.made.open(), made, open)
	}
}

func TestPassthrough_madeUpTokensEvictNoAcceptedClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		e.mustRead(t, "honest")
		e.flood(t, 1000)
		e.wantClients(t, "after the flood", 1, 1+minOnProbation)
		e.mustRead(t, "honest")
		e.wantClients(t, "the accepted client", 1, 1+minOnProbation)
		e.mustRead(t, "newcomer")
		e.flood(t, 20)
		e.mustRead(t, "newcomer")
		e.wantClients(t, "a client of the flood's time", 2, 2+minOnProbation)
	})
}

func TestPassthrough_firstAnswerAcceptsAClientThatWasEvictedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		unblock, first := e.readBlocked(t, "newcomer")
		e.flood(t, 2*minOnProbation)
		e.wantClients(t, "evicted, and in use", 1, 1+minOnProbation)
		unblock()
		if err := <-first; err != nil {
			t.Error(err)
		}
		e.flood(t, 2*minOnProbation)
		e.mustRead(t, "newcomer")
		e.wantClients(t, "the second read", 1, 1+minOnProbation)
	})
}

func TestPassthrough_tokenThatComesAgainAfterItsClientWasEvictedHasOneClientInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		first, answer := e.readBlocked(t, "newcomer")
		e.flood(t, 2*minOnProbation)
		second, another := e.readBlocked(t, "newcomer")
		e.wantClients(t, "both under way", 2, 1+minOnProbation)
		for _, one := range []struct {
			unblock func()
			answer  <-chan error
		}{{unblock: first, answer: answer}, {unblock: second, answer: another}} {
			one.unblock()
			if err := <-one.answer; err != nil {
				t.Error(err)
			}
			e.wantClients(t, "answered", 2, minOnProbation) // itself, and those that it did not evict
		}
		e.flood(t, 2*minOnProbation)
		e.mustRead(t, "newcomer")
		e.wantClients(t, "the third read", 2, 1+minOnProbation)
	})
}

func TestPassthrough_tokenThatWasRefusedFirstIsAcceptedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		e.rejectAll(true)
		e.mustNotRead(t, "early")
		e.rejectAll(false)
		e.mustRead(t, "early")
		<-time.After(time.Minute) // the answer is cached no longer
		e.rejectAll(true)
		e.mustNotRead(t, "early")
		e.flood(t, 2*minOnProbation)
		e.mustNotRead(t, "early")
		e.wantClients(t, "after the flood", 1, 1+minOnProbation)
	})
}

func TestPassthrough_evictedClientIsClosedAfterItsLastUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		unblock, under := e.readBlocked(t, "made-up")
		e.flood(t, minOnProbation)
		if e.made.closed.Load() != 0 {
			t.Error("the client was closed under its caller")
		}
		unblock()
		if err := <-under; err == nil {
			t.Error("the made-up token was accepted")
		}
		if e.made.closed.Load() != 1 {
			t.Errorf("%d clients were closed after it", e.made.closed.Load())
		}
	})
}

func TestPassthrough_clientThatIsAnsweredDuringCloseIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		unblock, first := e.readBlocked(t, "newcomer")
		e.flood(t, minOnProbation) // evicts it
		go e.Close()
		synctest.Wait()
		e.wantClients(t, "while a read is under way", 1, 1)
		unblock()
		if err := <-first; err != nil {
			t.Error(err)
		}
		e.wantClients(t, "in the end", 1, 0)
	})
}

func TestPassthrough_closesIdleClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		e.mustRead(t, "accepted")
		e.flood(t, 1)
		l, err := e.choose(as(t.Context(), "in-use"), "")
		if err != nil {
			t.Fatal(err)
		}
		defer l.release()
		e.wantClients(t, "at first", 2, 3)
		<-time.After(idleFor + idleFor/5 + time.Second)
		synctest.Wait()
		e.wantClients(t, "after a while", 2, 1)
	})
}

func TestPassthrough_limitsNewTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newProbationEnv(t)
		e.mustRead(t, "known")
		refused := 0
		for i := range 1000 {
			var limited *authz.Error
			if err := e.read(t, fmt.Sprint("made-up-", i)); errors.As(err, &limited) && limited.Kind == authz.RateLimited {
				refused++
			}
			if err := e.read(t, "known"); err != nil {
				t.Fatalf("a known token is refused: %v", err)
			}
		}
		if refused != 1000-newClientsBurst+1 {
			t.Errorf("%d were refused", refused)
		}
		<-time.After(time.Second)
		if err := e.read(t, "new"); err != nil {
			t.Errorf("a second later: %v", err)
		}
	})
}
