package restore

import (
	"log/slog"
	"testing"

	"atlas-restore-gateway/internal/atlassim"
)

// After a change the cluster, its lists, and those of its project are read again, by the view of subscriptions, too.
func TestService_Forget(t *testing.T) {
	e := newEnv(t, ServerlessOff)
	cluster := ClusterKey{atlassim.SeedGroupID, atlassim.SeedFlexClusterName}
	service := newService(t, e.atlas, Options{Serverless: ServerlessOff, Cache: DefaultCacheSettings}, slog.New(slog.DiscardHandler))
	live, err := service.Live()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Service{"the service": service, "the view": live.Service} {
		newest := func() string {
			jobs, err := s.Jobs(t.Context(), JobQuery{Cluster: cluster, Tier: AnyTier, First: 1})
			if err != nil || len(jobs.Jobs) != 1 {
				t.Fatalf("got %v, error %v", jobs, err)
			}
			return jobs.Jobs[0].JobID
		}
		before := newest()
		added := e.sim.AddJob(cluster.GroupID, cluster.Name, 0)
		if got := newest(); got != before {
			t.Errorf("%s: nothing is cached: %s", name, got)
		}
		service.Forget(ClusterKey{cluster.GroupID, "another"})
		if got := newest(); got != before {
			t.Errorf("%s: another cluster was forgotten: %s", name, got)
		}
		service.Forget(cluster)
		if got := newest(); got != added {
			t.Errorf("%s: got %s, want %s", name, got, added)
		}
		added = e.sim.AddJob(cluster.GroupID, cluster.Name, 0)
		service.ForgetAll()
		if got := newest(); got != added {
			t.Errorf("%s, when all is forgotten: got %s, want %s", name, got, added)
		}
	}
}
