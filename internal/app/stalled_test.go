//go:build unix

package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"atlas-restore-gateway/internal/atlassim"
)

// hung is how long a test waits for a response, and unread how long for a line of an output.
const (
	hung   = 30 * time.Second
	unread = 2 * time.Minute
)

// realProcess is the program in a process of its own. Its outputs are pipes, which only the test reads.
type realProcess struct {
	cmd            *exec.Cmd
	url            string
	stdout, stderr *os.File // the reading ends
	head           []string // cluster and id of the job with a download URL
	lines          *bufio.Reader
}

// startReal starts the program in demo mode and waits until it serves.
func startReal(t *testing.T, args ...string) *realProcess {
	t.Helper()
	p := startProcess(t, nil, append([]string{"--demo"}, args...)...)
	job := regexp.MustCompile(`ready +clusterName: "(\S+)" +restoreJobId: "(\S+)"`)
	var read bytes.Buffer
	for p.head == nil {
		line, err := p.lines.ReadString('\n')
		read.WriteString(line)
		if err != nil {
			t.Fatalf("it did not start: %v %s", err, read.String())
		}
		if found := servingURL.FindStringSubmatch(line); found != nil {
			p.url = found[1]
		}
		p.head = job.FindStringSubmatch(line)
	}
	return p
}

func startProcess(t *testing.T, env []string, args ...string) *realProcess {
	t.Helper()
	p := &realProcess{}
	p.cmd = exec.CommandContext(t.Context(), os.Args[0], append([]string{"--listen=127.0.0.1:0"}, args...)...)
	p.cmd.Env = append([]string{asProgram + "=1"}, env...)
	var ends []*os.File
	for _, to := range []struct {
		read  **os.File
		write *io.Writer
	}{{read: &p.stdout, write: &p.cmd.Stdout}, {read: &p.stderr, write: &p.cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := r.SetReadDeadline(time.Now().Add(unread)); err != nil {
			t.Fatal(err)
		}
		*to.read, *to.write = r, w
		ends = append(ends, w)
		t.Cleanup(func() { _ = r.Close() })
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, w := range ends {
		_ = w.Close()
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	p.lines = bufio.NewReader(p.stdout)
	return p
}

// ask sends a query and returns the body of the response.
func (p *realProcess) ask(ctx context.Context, client *http.Client, query string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, hung)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/graphql",
		strings.NewReader(fmt.Sprintf(`{"query":%q}`, query)))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// downloads returns a query that reads the download URL of a job several times.
func (p *realProcess) downloads(times int) string {
	var query strings.Builder
	query.WriteString("{")
	fmt.Fprintf(&query, "s: serverlessRestoreJob(groupId: %q, clusterName: %q, restoreJobId: %q) { state ",
		atlassim.SeedGroupID, p.head[1], p.head[2])
	for i := range times {
		fmt.Fprintf(&query, "u%d: deliveryUrl ", i)
	}
	query.WriteString("}}")
	return query.String()
}

// end sends SIGTERM. The process must end without an error.
func (p *realProcess) end(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	killed := time.AfterFunc(hung, func() { _ = p.cmd.Process.Kill() })
	defer killed.Stop()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestProcess_servesWhileItsLogIsNotRead(t *testing.T) {
	p := startReal(t)
	// Far more lines than the pipe and the buffer hold.
	const clients, each = 8, 1000
	path := "/" + strings.Repeat("x", 300)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			client := &http.Client{Timeout: hung}
			defer client.CloseIdleConnections()
			for range each {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, http.NoBody)
				if err != nil {
					t.Error(err)
					return
				}
				res, err := client.Do(req)
				if err != nil {
					t.Errorf("a request is not answered: %v", err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
			}
		})
	}
	wg.Wait()
	client := &http.Client{}
	defer client.CloseIdleConnections()
	// It is ready and serves.
	if status, _ := get(t, p.url+"/health/ready"); status != http.StatusOK {
		t.Errorf("it is not ready: %d", status)
	}
	if answer, err := p.ask(t.Context(), client, p.downloads(1)); err != nil || !strings.Contains(answer, "https://") {
		t.Errorf("it does not serve: %v %s", err, answer)
	}
	var text strings.Builder
	for dropped := regexp.MustCompile(`level=WARN msg="\d+ log lines were dropped: .*" dropped=\d+\n$`); ; {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it does not say that lines are missing: %v", err)
		}
		if text.WriteString(line); dropped.MatchString(line) {
			break
		}
	}
	if lines := strings.Count(text.String(), "msg=request"); lines == 0 || lines >= clients*each {
		t.Errorf("%d lines were not dropped", lines)
	}
	p.end(t)
}

func TestProcess_endsWhileItsOutputsAreNotRead(t *testing.T) {
	p := startReal(t, "--log-level=debug")
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for range 1000 {
		if _, err := p.ask(t.Context(), client, "{__typename}"); err != nil {
			t.Fatal(err)
		}
	}
	p.end(t)
}

func TestProcess_withholdsAURLThatCannotBeAudited(t *testing.T) {
	p := startReal(t)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	given, withheld := 0, ""
	for range 10 { // each more than 30 kB of lines
		answer, err := p.ask(t.Context(), client, p.downloads(90))
		if err != nil {
			t.Fatal(err)
		}
		urls := strings.Count(answer, "https://")
		if given += urls; urls < 90 {
			withheld = answer
			break
		}
	}
	if !strings.Contains(withheld, `"state":"READY"`) || !strings.Contains(withheld, "INTERNAL_SERVER_ERROR") {
		t.Errorf("got %s", withheld)
	}
	// Other reads do not hang, and a query without a URL is served.
	if answer, err := p.ask(t.Context(), client, p.downloads(90)); err != nil || strings.Contains(answer, "https://") {
		t.Errorf("got %v %s", err, answer)
	}
	if answer, err := p.ask(t.Context(), client, p.downloads(0)); err != nil ||
		answer != `{"data":{"s":{"state":"READY"}}}` {
		t.Errorf("got %v %s", err, answer)
	}
	if status, _ := get(t, p.url+"/health/ready"); status != http.StatusOK {
		t.Errorf("it is not ready: %d", status)
	}
	// Once the standard error is read, URLs are returned again, and each has a line.
	written := make(chan int)
	go func() {
		lines, _ := io.ReadAll(p.stderr)
		written <- bytes.Count(lines, []byte("download_url_read"))
	}()
	for {
		answer, err := p.ask(t.Context(), client, p.downloads(1))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(answer, "https://") {
			given++
			break
		}
	}
	p.end(t)
	// The write of another line can have started before its read timed out.
	if lines := <-written; lines < given || lines > given+1 {
		t.Errorf("%d lines for %d URLs", lines, given)
	}
}

func TestProcess_servesAfterTheReadersOfItsOutputsHaveEnded(t *testing.T) {
	p := startReal(t)
	_, _ = p.stdout.Close(), p.stderr.Close()
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for range 3 {
		// Neither the log nor the audit log has a reader: no line, no URL.
		if answer, err := p.ask(t.Context(), client, p.downloads(1)); err != nil ||
			!strings.Contains(answer, `"state":"READY","u0":null`) {
			t.Errorf("got %v %s", err, answer)
		}
	}
	p.end(t)
}

func TestProcess_rejectsAnAuditPipeWithoutAReader(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "audit.fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hung)
	defer cancel()
	err := Run(ctx, []string{"--demo", "--listen=127.0.0.1:0", "--audit-log=" + fifo}, nil, io.Discard, io.Discard)
	if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "without a reader: start its reader first") {
		t.Errorf("got %v", errors.Join(err, ctx.Err()))
	}
}

func TestProcess_writesOnlyTheAuditLogToStandardError(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := startProcess(t, []string{
		"MONGODB_ATLAS_ACCESS_TOKEN=token", "MONGODB_ATLAS_BASE_URL=http://" + listener.Addr().String(),
	})
	// An Atlas that sends an unsolicited response after the check of the credential. The client of net/http logs it to the
	// standard logger.
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	// The answer was read, and the connection is idle.
	for line := ""; !strings.Contains(line, "atlas accepts the credential"); {
		if line, err = p.lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
	_, _ = io.Copy(io.Discard, conn) // until the client closes the connection
	p.end(t)
	if text, err := io.ReadAll(p.stderr); err != nil || len(text) > 0 {
		t.Errorf("it wrote %q, %v", text, err)
	}
}
