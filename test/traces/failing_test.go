package traces

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// silent is a server that accepts connections, reads, and never answers.
func silent(t *testing.T) (address string, requested <-chan struct{}) {
	t.Helper()
	listener := listenOn(t, "127.0.0.1:0")
	asked := make(chan struct{})
	var once sync.Once
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				if n, _ := conn.Read(make([]byte, 1)); n > 0 {
					once.Do(func() { close(asked) })
				}
				_, _ = io.Copy(io.Discard, conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return listener.Addr().String(), asked
}

// warning is what the log has of exports that fail.
const warning = "traces or metrics were not exported"

// checkLog checks that each line of the output is one of the log: libraries write none of their own.
func checkLog(t *testing.T, g *process) {
	t.Helper()
	if text := g.errors.String(); strings.Contains(text, "otel") || strings.Contains(text, "grpc") || strings.Contains(text, "traces export") {
		t.Errorf("the standard error has %s", text)
	}
}

func TestExporter_thatIsDownChangesNothingForCallers(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			g := startGateway(t, append(exportTo("http://127.0.0.1:"+freePort(t)), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol,
				"OTEL_EXPORTER_OTLP_TIMEOUT=300"), "--demo")
			want := g.query(t, project)
			waitFor(t, "the log has a warning", func() bool { return strings.Contains(g.log.String(), warning) })
			for range 20 {
				if got := g.query(t, project); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			g.stop(t)
			if n := strings.Count(g.log.String(), warning); n != 1 {
				t.Errorf("the log has %d warnings: %s", n, g.log)
			}
			checkLog(t, g)
		})
	}
}

// The bounds of OpenTelemetry itself are minutes here: the end of the program waits for none of them.
func TestExporter_thatDoesNotAnswerNeitherDelaysCallersNorTheEnd(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			address, requested := silent(t)
			g := startGateway(t, append(exportTo("http://"+address), "OTEL_EXPORTER_OTLP_PROTOCOL="+protocol,
				"OTEL_EXPORTER_OTLP_TIMEOUT=600000", "OTEL_BSP_EXPORT_TIMEOUT=600000", "OTEL_METRIC_EXPORT_TIMEOUT=600000"),
				"--demo", "--shutdown-grace=1s")
			want := g.query(t, project)
			<-requested
			for range 20 {
				if got := g.query(t, project); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
			ended := make(chan struct{})
			go func() {
				g.stop(t)
				close(ended)
			}()
			select {
			case <-ended:
			case <-time.After(time.Minute):
				_ = g.cmd.Process.Kill()
				t.Error("it waits for the exporter")
				<-ended
			}
			checkLog(t, g)
		})
	}
}

func TestExporter_isNotUsedUnlessTheVariablesAskForIt(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  []string
	}{
		{name: "no variable"},
		{name: "switched off", env: append(exportTo("http://127.0.0.1:4318"), "OTEL_SDK_DISABLED=true")},
		{
			name: "no exporter",
			env:  append(exportTo("http://127.0.0.1:4318"), "OTEL_TRACES_EXPORTER=none", "OTEL_METRICS_EXPORTER=none"),
		},
		{name: "other settings alone", env: []string{"OTEL_SERVICE_NAME=gateway", "OTEL_TRACES_SAMPLER=always_on"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			connected := make(chan string, 10)
			for _, address := range []string{"127.0.0.1:4317", "127.0.0.1:4318"} {
				listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
				if err != nil {
					t.Skipf("another program listens at a default port of OTLP: %v", err)
				}
				var serving sync.WaitGroup
				serving.Go(func() {
					for {
						conn, err := listener.Accept()
						if err != nil {
							return
						}
						connected <- address
						_ = conn.Close()
					}
				})
				t.Cleanup(func() {
					_ = listener.Close()
					serving.Wait()
				})
			}
			g := startGateway(t, tt.env, "--demo")
			g.query(t, project)
			g.stop(t)
			if len(connected) > 0 {
				t.Errorf("it connects to %s", <-connected)
			}
			if text := g.log.String() + g.errors.String(); strings.Contains(text, warning) || strings.Contains(text, "OTEL") {
				t.Errorf("the log has %s", text)
			}
		})
	}
}
