package actions

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// stopTTL is how long a stop is remembered.
const stopTTL = 365 * 24 * time.Hour

const kindStop = "stop"

// Switch stops all actions, of all processes with the same Ledger, and lets them go on. It is safe for concurrent use.
type Switch struct {
	// File stops the actions of this process while it exists; "" is none.
	File string
	// Ledger remembers a stop.
	Ledger Ledger
}

// Stop stops all actions. With an error they may go on.
func (s *Switch) Stop(ctx context.Context) error {
	return s.Ledger.Set(ctx, []byte{1}, stopTTL, kindStop)
}

// Resume lets actions go on. With an error they may be stopped as before. While the File exists they stay stopped.
func (s *Switch) Resume(ctx context.Context) error {
	_, _, err := s.Ledger.Take(ctx, kindStop)
	return err
}

// State returns why actions are stopped; "" where they are not. What cannot be found out stops them.
func (s *Switch) State(ctx context.Context) string {
	if s.File != "" {
		if _, err := os.Stat(s.File); err == nil {
			return "the file that stops them exists"
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "the file that stops them cannot be looked for"
		}
	}
	switch _, stopped, err := s.Ledger.Get(ctx, kindStop); {
	case err != nil:
		return "what the replicas share cannot be reached"
	case stopped:
		return "an operator has stopped them"
	}
	return ""
}

// check returns an error while actions are stopped.
func (s *Switch) check(ctx context.Context) error {
	if why := s.State(ctx); why != "" {
		return refuse(Stopped, "actions are stopped: %s", why)
	}
	return nil
}
