package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
)

// api reads one kind of resource from one API of Atlas, and maps it to the domain. args are those of the path.
type api[T any] struct {
	get  func(ctx context.Context, s *Service, cluster ClusterKey, args ...string) (*T, error)
	list func(ctx context.Context, s *Service, cluster ClusterKey, o atlas.ListOptions, args ...string) (*page[*T], error)
}

// The APIs of what belongs to a cluster, and of clusters, by tier.
var (
	jobAPIs = map[Tier]api[Job]{
		Serverless: newAPI(atlas.ServerlessRestoreJobs, (*Service).fromServerless, malformedJob(Serverless)),
		Flex:       newAPI(atlas.FlexRestoreJobs, (*Service).fromFlex, malformedJob(Flex)),
		Dedicated:  newAPI(atlas.DedicatedRestoreJobs, (*Service).fromDedicated, malformedJob(Dedicated)),
		Collection: newAPI(atlas.CollectionRestoreJobs, (*Service).fromCollection, malformedJob(Collection)),
	}
	snapshotAPIs = map[Tier]api[Snapshot]{
		Serverless: newAPI(atlas.ServerlessSnapshots, (*Service).snapshotFromServerless, malformedSnapshot),
		Flex:       newAPI(atlas.FlexSnapshots, (*Service).snapshotFromFlex, malformedSnapshot),
		Dedicated:  newAPI(atlas.DedicatedSnapshots, (*Service).snapshotFromDedicated, malformedSnapshot),
	}
	restoredCollections = newPlainAPI(atlas.RestoredCollections)
	snapshotExports     = newPlainAPI(atlas.SnapshotExports)
	exportBuckets       = newPlainAPI(atlas.ExportBuckets)
	projects            = newPlainAPI(atlas.Projects)
	organizations       = newPlainAPI(atlas.Organizations)
	events              = newAPI(atlas.Events, newEvent, func(ClusterKey, *atlas.MalformedResult) *Event { return nil })

	shardedSnapshots = newAPI(atlas.ShardedSnapshots, (*Service).snapshotFromDedicated, malformedSnapshot)
	clusterAPIs      = map[Tier]api[Cluster]{
		Serverless: newAPI(atlas.ServerlessInstances, (*Service).clusterFromServerless, malformedCluster),
		Flex:       newAPI(atlas.FlexClusters, (*Service).clusterFromFlex, malformedCluster),
		Dedicated:  newAPI(atlas.Clusters, (*Service).clusterFromDedicated, malformedCluster),
	}
)

// newPlainAPI returns the api of a resource that is served as Atlas sends it. Results of a list that cannot be decoded
// are missing from it.
func newPlainAPI[T atlas.AnyResource](r atlas.Resource[T]) api[T] {
	return newAPI(r, func(_ *Service, _ ClusterKey, one *T) *T { return one },
		func(ClusterKey, *atlas.MalformedResult) *T { return nil })
}

// cachedList reads one page of the list with the cache. The key has the project, the cluster and the page.
func (a api[T]) cachedList(ctx context.Context, s *Service,
	pages *callcache.Kind[callKey, *page[*T]], key callKey, args ...string) (*page[*T], error) {
	return pages.Get(ctx, key, func(ctx context.Context) (*page[*T], error) {
		return a.list(ctx, s, ClusterKey{key.groupID, key.clusterName}, key.page, args...)
	})
}

// newAPI returns the api of a resource. malformed returns the item for a result of a list that cannot be decoded; see
// mappedPage.
func newAPI[From atlas.AnyResource, To any](
	r atlas.Resource[From], to func(*Service, ClusterKey, *From) *To,
	malformed func(ClusterKey, *atlas.MalformedResult) *To,
) api[To] {
	return api[To]{
		get: func(ctx context.Context, s *Service, cluster ClusterKey, args ...string) (*To, error) {
			from, err := r.Get(ctx, s.atlas, args...)
			if err != nil {
				return nil, err
			}
			return to(s, cluster, from), nil
		},
		list: func(ctx context.Context,
			s *Service, cluster ClusterKey, o atlas.ListOptions, args ...string) (*page[*To], error) {
			p, err := r.List(ctx, s.atlas, o, args...)
			return mappedPage(func(cluster ClusterKey, from *From) *To { return to(s, cluster, from) }, malformed, cluster, p,
				err)
		},
	}
}
