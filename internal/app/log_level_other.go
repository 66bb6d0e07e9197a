//go:build !unix

package app

import "os"

// notifyToggle does nothing: this system has no signal for it.
func notifyToggle(chan<- os.Signal) {}
