package reload

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// setting is a Source with the results of a test.
type setting struct {
	name    string
	mu      sync.Mutex
	changed bool
	err     error
	asked   int
}

func (s *setting) Name() string { return s.name }

func (s *setting) Reload(context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	changed := s.changed
	s.changed = false
	return changed, s.err
}

func (s *setting) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *setting) set(changed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed, s.err = changed, err
}

func TestRun_reloadsAtEachIntervalAndSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		tokens, policy := &setting{name: "tokens"}, &setting{name: "policy"}
		signals := make(chan os.Signal)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			Run(ctx, signals, time.Minute, []Source{tokens, policy}, slog.New(slog.NewTextHandler(&log, nil)))
		}()
		said := func(step string, want ...string) {
			t.Helper()
			synctest.Wait()
			lines := strings.Split(strings.TrimSpace(log.String()), "\n")
			if log.Len() == 0 {
				lines = nil
			}
			log.Reset()
			if len(lines) != len(want) {
				t.Errorf("%s: %q", step, lines)
				return
			}
			for i, line := range lines {
				if !strings.Contains(line, want[i]) {
					t.Errorf("%s: %q, want %q", step, line, want[i])
				}
			}
		}
		minute := func() { <-time.After(time.Minute + time.Millisecond) }

		minute()
		said("nothing has changed")
		if tokens.times() != 1 || policy.times() != 1 {
			t.Errorf("asked %d and %d times", tokens.times(), policy.times())
		}
		policy.set(true, nil)
		minute()
		said("one has changed", `level=INFO msg="a setting was read again" setting=policy`)
		policy.set(false, errors.New("policy.yaml:3: broken"))
		minute()
		said("one is broken", `level=ERROR msg="a setting could not be read again; the old one stays" setting=policy `+
			`error="policy.yaml:3: broken"`)
		minute()
		said("and still is")
		signals <- syscall.SIGHUP
		said("told to", "setting=tokens", "policy.yaml:3: broken")
		policy.set(false, errors.New("policy.yaml:4: broken"))
		minute()
		said("broken elsewhere", "policy.yaml:4: broken")
		policy.set(true, nil)
		signals <- syscall.SIGHUP
		said("mended", `msg="a setting has not changed" setting=tokens`, `msg="a setting was read again" setting=policy`)
		policy.set(false, errors.New("policy.yaml:4: broken"))
		minute()
		said("broken in the same way again", "policy.yaml:4: broken")
		policy.set(false, nil)
		minute()
		said("as it was before, such as a file that was gone and came back",
			`level=INFO msg="a setting can be read again, and has not changed" setting=policy`)
		minute()
		said("and still is")
		policy.set(false, errors.New("policy.yaml:4: broken"))
		minute()
		said("broken after that", "policy.yaml:4: broken")
		stop()
		<-ended
	})
}
