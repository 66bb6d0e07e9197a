//go:build unix

package app

import (
	"os"
	"os/signal"
	"syscall"
)

// notifyToggle sends c the signals that toggle the log level.
func notifyToggle(c chan<- os.Signal) { signal.Notify(c, syscall.SIGUSR1) }
