package loader

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/tracing"
)

func TestPrefetch_jobsAreNotReadAgain(t *testing.T) {
	keys := []restore.Key{
		{ClusterName: "x", JobID: "1"}, {ClusterName: "x", JobID: "missing"}, {ClusterName: "x", JobID: "2"},
	}
	for name, failure := range map[string]error{"read": nil, "failed": errNoJob} {
		t.Run(name, func(t *testing.T) {
			c := &clusters{err: failure}
			l := New(t.Context(), c, 1, Plan{Jobs: JobCounts{restore.Serverless: 3}, Prefetch: &Prefetch{
				Tier: restore.Serverless, Cluster: restore.ClusterKey{Name: "x"}, Keys: keys,
			}})
			defer l.Close()
			l.Prefetch()
			for _, key := range keys {
				job, err := l.Job(t.Context(), restore.Serverless, key)
				if bad := key.JobID == "missing" || failure != nil; bad != errors.Is(err, errNoJob) || !bad && job.Key != key {
					t.Errorf("%v: got %+v, %v", key, job, err)
				}
			}
			if diff := cmp.Diff([][]string{{"many", "x", "1", "2", "missing"}}, c.asked); diff != "" {
				t.Error(diff)
			}
			// A job that was not planned is read, too.
			if failure == nil {
				if job, err := l.Job(t.Context(), restore.Serverless, restore.Key{ClusterName: "y", JobID: "3"}); err != nil ||
					job.JobID != "3" {
					t.Errorf("got %+v, %v", job, err)
				}
			}
		})
	}
}

func TestPrefetch_readsNothingUnlessPlanned(t *testing.T) {
	c := &clusters{}
	l := New(t.Context(), c, 1, Plan{Jobs: JobCounts{restore.Serverless: 2}})
	defer l.Close()
	l.Prefetch()
	if len(c.asked) > 0 {
		t.Errorf("asked for %v", c.asked)
	}
}

func TestPrefetch_isABatchInATrace(t *testing.T) {
	exported := tracetest.NewInMemoryExporter()
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exported)).Tracer("")
	ctx, span := tracer.Start(t.Context(), "query")
	l := New(ctx, &clusters{}, 1, Plan{Jobs: JobCounts{restore.Serverless: 2}, Prefetch: &Prefetch{
		Tier: restore.Serverless, Cluster: restore.ClusterKey{Name: "x"},
		Keys: []restore.Key{{ClusterName: "x", JobID: "1"}, {ClusterName: "x", JobID: "2"}},
	}})
	defer l.Close()
	l.Prefetch()
	span.End()
	spans := exported.GetSpans()
	if len(spans) != 2 || spans[0].Name != "batch" || !slices.Contains(spans[0].Attributes, tracing.BatchSizeKey.Int(2)) {
		t.Errorf("the spans are %v", spans)
	}
}
