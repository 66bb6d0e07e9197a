package authz

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

	"github.com/google/go-cmp/cmp"
)

var download = Download{GroupID: shop, ClusterName: "orders", JobID: "67ebae01a6713bc8f4000000", Field: "ServerlessRestoreJob.deliveryUrl"}

func TestAReadOfADownloadLeavesALineThatSaysWhoWhichWhenAndFromWhere(t *testing.T) {
	var out bytes.Buffer
	a := NewAudit(&out)
	ctx := WithCaller(t.Context(), &Caller{
		Method: Router, Router: "supergraph", Issuer: "https://login.example", Subject: "alice\n{\"forged\":1}",
		Atlas: "the-secret", Claims: map[string]any{"email": "not-for-logs"},
	})
	ctx = WithOrigin(ctx, Origin{Remote: "10.0.0.7:4321", ForwardedFor: "192.0.2.1", RequestID: "r1"})
	before := time.Now().UTC()
	if err := a.Read(ctx, download); err != nil {
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
		"group_id": shop, "cluster_name": "orders", "restore_job_id": "67ebae01a6713bc8f4000000", "field": "ServerlessRestoreJob.deliveryUrl",
		"remote": "10.0.0.7:4321", "forwarded_for": "192.0.2.1", "request_id": "r1",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

func TestAudit_keepsNamesAsTheyAre(t *testing.T) {
	for _, name := range []string{
		"al\u200dice", "al\u00a0ice", "\u202eecila", "tab\there", "bell\x07", "\ufffd", "line\u2028end", `"quoted"\`, "<&>",
		strings.Repeat("é", 128), strings.Repeat("n", 300),
	} {
		var out bytes.Buffer
		c := &Caller{Method: Router, Router: name, Issuer: name, Subject: name, Token: name}
		d := Download{GroupID: name, ClusterName: name, JobID: name, Field: name}
		ctx := WithOrigin(WithCaller(t.Context(), c), Origin{ForwardedFor: name})
		if err := NewAudit(&out).Read(ctx, d); err != nil {
			t.Fatal(err)
		}
		var line map[string]string
		if err := json.Unmarshal(out.Bytes(), &line); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("%v: got %q", err, out.String())
		}
		if got, want := line["caller"], "router:"+name+"/"+name; got != want {
			t.Errorf("the caller is %q, want %q", got, want)
		}
		for _, key := range []string{"issuer", "subject", "token", "router", "group_id", "cluster_name", "restore_job_id", "field"} {
			if line[key] != name {
				t.Errorf("%s is %q, want %q", key, line[key], name)
			}
		}
		if len(name) <= maxNameBytes && line["forwarded_for"] != name {
			t.Errorf("forwarded_for is %q, want %q", line["forwarded_for"], name)
		}
	}
}

func TestOfALongWayTheEndIsWrittenDown(t *testing.T) {
	var out bytes.Buffer
	ctx := WithOrigin(WithCaller(t.Context(), Anonymous()), Origin{ForwardedFor: strings.Repeat("198.51.100.7, ", 1000) + "192.0.2.1"})
	if err := NewAudit(&out).Read(ctx, download); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `, 192.0.2.1"`) || out.Len() > 1000 {
		t.Errorf("got %s", out.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestWhatCannotBeWrittenDownIsAnError(t *testing.T) {
	if err := NewAudit(broken{}).Read(WithCaller(t.Context(), Anonymous()), download); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
	var out bytes.Buffer
	if err := NewAudit(&out).Read(t.Context(), download); err == nil || out.Len() > 0 {
		t.Errorf("a read by nobody is written down: %v %s", err, out.String())
	}
}

// full takes so many bytes, and then no more until it is emptied.
type full struct {
	taken bytes.Buffer
	room  int
}

func (f *full) Write(b []byte) (int, error) {
	n, _ := f.taken.Write(b[:min(len(b), f.room)])
	f.room -= n
	if n < len(b) {
		return n, errors.New("the disk is full")
	}
	return n, nil
}

func TestALineIsReadableWhateverBecameOfTheOneBefore(t *testing.T) {
	out := &full{room: 50}
	a, ctx := NewAudit(out), WithCaller(t.Context(), Anonymous())
	for range 2 {
		if err := a.Read(ctx, download); err == nil {
			t.Fatal("half a line is taken for one")
		}
	}
	out.room = 10_000
	for range 2 {
		if err := a.Read(ctx, download); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(out.taken.String(), "\n"), "\n")
	if len(lines) != 3 || !json.Valid([]byte(lines[1])) || !json.Valid([]byte(lines[2])) {
		t.Errorf("got %q", lines)
	}
}

func TestTheAuditFileIsAppendedToAndFollowsItsName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.jsonl")
	write(t, path, "{}\n")
	a, err := OpenAudit(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx := WithCaller(t.Context(), Anonymous())
	read := func() {
		t.Helper()
		if err := a.Read(ctx, download); err != nil {
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
	// Where it cannot be made again, nothing is read.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := a.Read(ctx, download); err == nil {
		t.Error("the log is gone and nobody says so")
	}
	if _, err := OpenAudit(path); err == nil {
		t.Error("a log that cannot be made is no error")
	}
}

// hanging takes nothing until it is let go.
type hanging struct {
	letGo chan struct{}
	taken bytes.Buffer
}

func (h *hanging) Write(b []byte) (int, error) {
	<-h.letGo
	return h.taken.Write(b)
}

func TestAudit_waitsTwoSecondsForALineAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &hanging{letGo: make(chan struct{})}
		a, ctx := NewAudit(out), WithCaller(t.Context(), Anonymous())
		job := func(id int) Download { return Download{JobID: strconv.Itoa(id)} }
		start := time.Now()
		var wg sync.WaitGroup
		for id := range 100 {
			wg.Go(func() {
				if id > 0 { // the first is being written before the others come
					<-time.After(time.Duration(id) * time.Millisecond)
				}
				began := time.Now()
				err := a.Read(ctx, job(id))
				if err == nil || !strings.Contains(err.Error(), "has not been taken for 2s") || time.Since(began) != 2*time.Second {
					t.Errorf("line %d: %v after %s", id, err, time.Since(began))
				}
			})
		}
		// An operation that ends waits no longer, and its error is its own.
		ending, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		synctest.Wait()
		if err := a.Read(ending, job(200)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(start))
		}
		wg.Wait()
		// It is known by now, and nobody waits for it.
		began := time.Now()
		if err := a.Read(ctx, job(100)); err == nil || time.Since(began) != 0 {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		close(out.letGo)
		synctest.Wait()
		if err := a.Read(ctx, job(101)); err != nil {
			t.Error(err)
		}
		// The first was being written; the others were taken back.
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

func TestAudit_boundsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &hanging{letGo: make(chan struct{})}
		a, ctx := NewAudit(out), WithCaller(t.Context(), Anonymous())
		var failed atomic.Int64
		var wg sync.WaitGroup
		for range 1 + maxAuditWaiting + 10 {
			wg.Go(func() {
				if err := a.Read(ctx, download); errors.Is(err, errAuditFull) {
					failed.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		if failed.Load() != 10 {
			t.Errorf("%d were refused", failed.Load())
		}
		close(out.letGo)
		wg.Wait()
		if got := bytes.Count(out.taken.Bytes(), []byte("\n")); got != 1+maxAuditWaiting {
			t.Errorf("%d lines were written", got)
		}
	})
}

func TestAudit_closeDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &hanging{letGo: make(chan struct{})}
		a, ctx := NewAudit(out), WithCaller(t.Context(), Anonymous())
		go func() { _ = a.Read(ctx, download) }()
		synctest.Wait()
		start := time.Now()
		if a.Close(); time.Since(start) != 2*time.Second {
			t.Errorf("it waited for %s", time.Since(start))
		}
		if err := a.Read(ctx, download); !errors.Is(err, errAuditClosed) {
			t.Errorf("got %v", err)
		}
		close(out.letGo)
		synctest.Wait()
	})
}
