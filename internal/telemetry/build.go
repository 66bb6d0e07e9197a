package telemetry

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// version and revision are set by the linker where a release is built (see Makefile).
var version, revision string

// Build says which program this is, as its release or else the Go tool has recorded. What is not known is "unknown".
type Build struct {
	Version  string // of the release, or of the module
	Revision string // of the source code
	Go       string // the version of Go
}

// CurrentBuild returns the build of this program.
func CurrentBuild() Build {
	b := Build{Version: version, Revision: revision, Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Version = cmp.Or(b.Version, info.Main.Version)
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = cmp.Or(b.Revision, s.Value)
			}
		}
	}
	b.Version, b.Revision = cmp.Or(b.Version, "unknown"), cmp.Or(b.Revision, "unknown")
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
