package app

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"atlas-restore-gateway/internal/config"
)

// Main runs the program as a process: with its arguments, environment, signals and standard
// streams. It returns the exit code.
func Main() int {
	// A closed standard output or error must not end the process. The write fails, and then the log counts a dropped line
	// or the audit log withholds the URL.
	signal.Ignore(syscall.SIGPIPE)
	// The client of net/http logs unsolicited responses to the standard error, which may block and is for the audit log.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr, func(cfg *config.Config) {
		// The memory profiler is linked, and so samples the stacks of allocations. Without --admin-debug nothing reads them.
		if !cfg.AdminDebug {
			runtime.MemProfileRate = 0
		}
	})
	stop()
	if err != nil {
		printError(err)
		return 1
	}
	return 0
}

// printTimeout is how long the process waits until its error is printed.
const printTimeout = 2 * time.Second

// printError writes the error to the standard error. It gives up after printTimeout, when the standard error is not
// read.
func printError(err error) {
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		fmt.Fprintln(os.Stderr, "atlas-restore-gateway:", err)
	}()
	select {
	case <-printed:
	case <-time.After(printTimeout):
	}
}
