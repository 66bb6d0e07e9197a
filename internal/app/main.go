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
)

// Main runs the program as a process: with its arguments, environment, signals and standard
// streams. It returns the exit code.
func Main() int {
	// A linked library uses the memory profiler, which then records the stacks of many
	// allocations. Nothing here exports its profile.
	runtime.MemProfileRate = 0
	// A closed standard output or error must not end the process: the write fails, and the
	// log counts the line as dropped or the audit withholds the URL.
	signal.Ignore(syscall.SIGPIPE)
	// net/http's client logs unsolicited responses to the standard error, which may block
	// and is reserved for the audit log.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	err := Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	if err != nil {
		printError(err)
		return 1
	}
	return 0
}

// printTimeout bounds how long the process waits for its standard error to be read.
const printTimeout = 2 * time.Second

// printError writes the reason of the exit to the standard error, and gives up after
// printTimeout where nothing reads it.
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
