package loader

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/restore"
)

// clusters is a Reader that records its calls.
type clusters struct {
	Reader

	mu    sync.Mutex
	asked [][]string
	err   error
}

var errNoJob = errors.New("no such job")

func (c *clusters) record(asked ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, asked)
}

func (c *clusters) Job(ctx context.Context, tier restore.Tier, key restore.Key) (*restore.Job, error) {
	if tier != restore.Serverless {
		return nil, errors.New("another tier was asked")
	}
	c.record("one", key.ClusterName, key.JobID)
	return found(ctx, key)
}

func (c *clusters) BatchedJobs(_ context.Context,
	tier restore.Tier, cluster restore.ClusterKey, ids []string) (map[string]restore.JobResult, error) {
	if tier != restore.Serverless {
		return nil, errors.New("another tier was asked")
	}
	c.record(append([]string{"many", cluster.Name}, ids...)...)
	results := map[string]restore.JobResult{}
	for _, id := range ids {
		if id == "missing" {
			results[id] = restore.JobResult{Err: errNoJob}
			continue
		}
		results[id] = restore.JobResult{
			Job: &restore.Job{Key: restore.Key{GroupID: cluster.GroupID, ClusterName: cluster.Name, JobID: id}},
		}
	}
	return results, c.err
}

func TestJob_jobsOfOneClusterAreReadTogether(t *testing.T) {
	c := &clusters{}
	l := New(t.Context(), c, 4, Plan{Jobs: JobCounts{restore.Serverless: 5}})
	defer l.Close()
	var wg sync.WaitGroup
	for _, key := range []restore.Key{
		{ClusterName: "x", JobID: "1"}, {ClusterName: "x", JobID: "missing"}, {ClusterName: "x", JobID: "2"},
		{ClusterName: "y", JobID: "1"}, {GroupID: "g", ClusterName: "x", JobID: "1"},
	} {
		wg.Go(func() {
			job, err := l.Job(t.Context(), restore.Serverless, key)
			if key.JobID == "missing" && !errors.Is(err, errNoJob) || key.JobID != "missing" && (err != nil || job.Key != key) {
				t.Errorf("%v: got %+v, %v", key, job, err)
			}
		})
	}
	wg.Wait()
	slices.SortFunc(c.asked, slices.Compare)
	if diff := cmp.Diff([][]string{{"many", "x", "1", "2", "missing"}, {"one", "x", "1"}, {"one", "y", "1"}}, c.asked); diff != "" {
		t.Error(diff)
	}
}

func TestJob_failureOfABatchIsThatOfEachJob(t *testing.T) {
	c := &clusters{err: errNoJob}
	l := New(t.Context(), c, 4, Plan{Jobs: JobCounts{restore.Serverless: 2}})
	defer l.Close()
	var wg sync.WaitGroup
	for _, id := range []string{"1", "2"} {
		wg.Go(func() {
			if job, err := l.Job(t.Context(), restore.Serverless, restore.Key{ClusterName: "x", JobID: id}); !errors.Is(err,
				errNoJob) || job != nil {
				t.Errorf("got %+v, %v", job, err)
			}
		})
	}
	wg.Wait()
}
