package telemetry

import (
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// Build says which program this is, as recorded by the Go tool. What is not known is "unknown".
type Build struct {
	Version  string // of the module
	Revision string // of the source code
	Go       string // the version of Go
}

// CurrentBuild returns the build of this program.
func CurrentBuild() Build {
	b := Build{Version: "unknown", Revision: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Revision = s.Value
		}
	}
	return b
}

// buildInfo is a metric with the program's version.
func buildInfo() prometheus.Collector {
	b := CurrentBuild()
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info",
		Help:        "1, with the version of this program as labels.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go_version": b.Go},
	}, func() float64 { return 1 })
}
