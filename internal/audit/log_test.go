package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/authz"

	"github.com/google/go-cmp/cmp"
)

// groupID is a project.
const groupID = "63f3484e1f3a9b27c6000001"

var download = Download{
	GroupID: groupID, ClusterName: "orders", JobID: "67ebae01a6713bc8f4000000", Field: "ServerlessRestoreJob.deliveryUrl",
}

func TestLog_recordsCallerJobTimeAndOrigin(t *testing.T) {
	var out bytes.Buffer
	log := New(&out)
	ctx := authz.WithCaller(t.Context(), &authz.Caller{
		Method: authz.Router, Router: "supergraph", Issuer: "https://login.example", Subject: "alice\n{\"forged\":1}",
		Atlas: "the-secret", Claims: map[string]any{"email": "not-for-logs"},
	})
	ctx = WithOrigin(ctx, Origin{Remote: "10.0.0.7:4321", ForwardedFor: "192.0.2.1", RequestID: "r1"})
	before := time.Now().UTC()
	if err := log.Record(ctx, download); err != nil {
		t.Fatal(err)
	}
	if out.Len() == 0 || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("got %q", out.String())
	}
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, line["time"])
	if err != nil || at.Before(before.Truncate(time.Second)) || at.After(time.Now()) {
		t.Errorf("it is of %q: %v", line["time"], err)
	}
	delete(line, "time")
	want := map[string]string{
		"event": "download_url_read", "caller": "router:supergraph/alice\n{\"forged\":1}", "method": "router",
		"issuer": "https://login.example", "subject": "alice\n{\"forged\":1}", "router": "supergraph",
		"group_id": groupID, "cluster_name": "orders", "restore_job_id": "67ebae01a6713bc8f4000000",
		"field":  "ServerlessRestoreJob.deliveryUrl",
		"remote": "10.0.0.7:4321", "forwarded_for": "192.0.2.1", "request_id": "r1",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

func TestLog_writesNamesUnchanged(t *testing.T) {
	for _, name := range []string{
		"al\u200dice", "al\u00a0ice", "\u202eecila", "tab\there", "bell\x07", "\ufffd", "line\u2028end", `"quoted"\`, "<&>",
		strings.Repeat("é", 128), strings.Repeat("n", 300),
	} {
		var out bytes.Buffer
		c := &authz.Caller{Method: authz.Router, Router: name, Issuer: name, Subject: name, Token: name}
		d := Download{GroupID: name, ClusterName: name, JobID: name, Field: name}
		ctx := WithOrigin(authz.WithCaller(t.Context(), c), Origin{ForwardedFor: name})
		if err := New(&out).Record(ctx, d); err != nil {
			t.Fatal(err)
		}
		var line map[string]string
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("%v: got %q", err, out.String())
		}
		if got, want := line["caller"], "router:"+name+"/"+name; got != want {
			t.Errorf("the caller is %q, want %q", got, want)
		}
		for _, key := range []string{
			"issuer", "subject", "token", "router", "group_id", "cluster_name", "restore_job_id", "field",
		} {
			if line[key] != name {
				t.Errorf("%s is %q, want %q", key, line[key], name)
			}
		}
		if len(name) <= maxForwardedForBytes && line["forwarded_for"] != name {
			t.Errorf("forwarded_for is %q, want %q", line["forwarded_for"], name)
		}
	}
}

func TestLog_writesTheEndOfALongForwardedFor(t *testing.T) {
	var out bytes.Buffer
	ctx := WithOrigin(authz.WithCaller(t.Context(), authz.Anonymous()), Origin{
		ForwardedFor: strings.Repeat("198.51.100.7, ", 1000) + "192.0.2.1",
	})
	if err := New(&out).Record(ctx, download); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `, 192.0.2.1"`) || out.Len() > 1000 {
		t.Errorf("got %s", out.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestLog_failsWhereTheLineCannotBeWritten(t *testing.T) {
	if err := New(broken{}).Record(authz.WithCaller(t.Context(), authz.Anonymous()), download); err == nil ||
		!strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
	var out bytes.Buffer
	if err := New(&out).Record(t.Context(), download); err == nil || out.Len() > 0 {
		t.Errorf("a read without a caller is recorded: %v %s", err, out.String())
	}
}

// fullDisk takes a number of bytes and then fails.
type fullDisk struct {
	taken bytes.Buffer
	free  int
}

func (f *fullDisk) Write(b []byte) (int, error) {
	n, _ := f.taken.Write(b[:min(len(b), f.free)])
	f.free -= n
	if n < len(b) {
		return n, errors.New("the disk is full")
	}
	return n, nil
}

func TestLog_startsANewLineAfterAPartialWrite(t *testing.T) {
	out := &fullDisk{free: 50}
	log, ctx := New(out), authz.WithCaller(t.Context(), authz.Anonymous())
	for range 2 {
		if err := log.Record(ctx, download); err == nil {
			t.Fatal("a line written in part is no error")
		}
	}
	out.free = 10_000
	for range 2 {
		if err := log.Record(ctx, download); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(out.taken.String(), "\n"), "\n")
	if len(lines) != 3 || !json.Valid([]byte(lines[1])) || !json.Valid([]byte(lines[2])) {
		t.Errorf("got %q", lines)
	}
}

func TestLog_appendsToItsFileAndReopensItWhenItWasMoved(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.jsonl")
	write(t, path, "{}\n")
	log, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ctx := authz.WithCaller(t.Context(), authz.Anonymous())
	read := func() {
		t.Helper()
		if err := log.Record(ctx, download); err != nil {
			t.Fatal(err)
		}
	}
	lines := func(path string) int {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(content, []byte("\n"))
	}
	read()
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	read()
	read()
	if lines(path+".1") != 2 || lines(path) != 2 {
		t.Errorf("%d and %d lines", lines(path+".1"), lines(path))
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v", info.Mode(), err)
	}
	// The file cannot be created again.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := log.Record(ctx, download); err == nil {
		t.Error("the file cannot be created and there is no error")
	}
	if _, err := Open(path); err == nil {
		t.Error("a file that cannot be created is no error")
	}
}

// blocked is a writer that hangs until it is released.
type blocked struct {
	release chan struct{}
	taken   bytes.Buffer
}

func (w *blocked) Write(b []byte) (int, error) {
	<-w.release
	return w.taken.Write(b)
}

func TestLog_waitsTwoSecondsForAWriteAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &blocked{release: make(chan struct{})}
		log, ctx := New(out), authz.WithCaller(t.Context(), authz.Anonymous())
		job := func(id int) Download { return Download{JobID: strconv.Itoa(id)} }
		start := time.Now()
		var wg sync.WaitGroup
		for id := range 100 {
			wg.Go(func() {
				if id > 0 { // the write of the first starts before the others are queued
					<-time.After(time.Duration(id) * time.Millisecond)
				}
				began := time.Now()
				err := log.Record(ctx, job(id))
				if err == nil || !strings.Contains(err.Error(), "has not been taken for 2s") || time.Since(began) != 2*time.Second {
					t.Errorf("line %d: %v after %s", id, err, time.Since(began))
				}
			})
		}
		// A cancelled operation returns its own error at once.
		ending, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		synctest.Wait()
		if err := log.Record(ending, job(200)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		wg.Wait()
		// The output is known to hang: the next read fails at once.
		began := time.Now()
		if err := log.Record(ctx, job(100)); err == nil || time.Since(began) != 0 {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		close(out.release)
		synctest.Wait()
		if err := log.Record(ctx, job(101)); err != nil {
			t.Error(err)
		}
		// The write of the first had started; the others were removed from the queue.
		for _, want := range []string{"0", "101"} {
			text, err := out.taken.ReadString('\n')
			var line struct {
				Job string `json:"restore_job_id"`
			}
			if err != nil || json.Unmarshal([]byte(text), &line) != nil || line.Job != want {
				t.Errorf("got %q and %v, want %s", text, err, want)
			}
		}
		if out.taken.Len() > 0 {
			t.Errorf("there is more: %s", out.taken.String())
		}
	})
}

func TestLog_boundsItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &blocked{release: make(chan struct{})}
		log, ctx := New(out), authz.WithCaller(t.Context(), authz.Anonymous())
		var failed atomic.Int64
		var wg sync.WaitGroup
		for range 1 + maxQueued + 10 {
			wg.Go(func() {
				if err := log.Record(ctx, download); errors.Is(err, errQueueFull) {
					failed.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		if failed.Load() != 10 {
			t.Errorf("%d lines were rejected", failed.Load())
		}
		close(out.release)
		wg.Wait()
		if got := bytes.Count(out.taken.Bytes(), []byte("\n")); got != 1+maxQueued {
			t.Errorf("%d lines were written", got)
		}
	})
}

func TestLog_closeWaitsTwoSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &blocked{release: make(chan struct{})}
		log, ctx := New(out), authz.WithCaller(t.Context(), authz.Anonymous())
		go func() { _ = log.Record(ctx, download) }()
		synctest.Wait()
		start := time.Now()
		if log.Close(); time.Since(start) != 2*time.Second {
			t.Errorf("it waited for %s", time.Since(start))
		}
		if err := log.Record(ctx, download); !errors.Is(err, errClosed) {
			t.Errorf("got %v", err)
		}
		close(out.release)
		synctest.Wait()
	})
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
