package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// SnapshotExports reads exports of snapshots of one Dedicated cluster, in Atlas's order: one call, or two. There are
// none of a cluster of which Atlas makes no backups.
func (s *Service) SnapshotExports(ctx context.Context, q SliceQuery) (*Slice[*atlas.SnapshotExport], error) {
	return readSlice(ctx, q, func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.SnapshotExport], error) {
		return s.cache.exportPages.Get(ctx, pageKey(Dedicated, q.Cluster, o),
			func(ctx context.Context) (*page[*atlas.SnapshotExport], error) {
				return snapshotExports.list(ctx, s, q.Cluster, o, q.Cluster.GroupID, q.Cluster.Name)
			})
	})
}

// ExportBuckets reads buckets of one project to which snapshots can be exported, in Atlas's order: one call, or two.
func (s *Service) ExportBuckets(ctx context.Context, q SliceQuery) (*Slice[*atlas.ExportBucket], error) {
	return readSlice(ctx, q, func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.ExportBucket], error) {
		return s.cache.bucketPages.Get(ctx, pageKey(AnyTier, q.Cluster, o),
			func(ctx context.Context) (*page[*atlas.ExportBucket], error) {
				return exportBuckets.list(ctx, s, q.Cluster, o, q.Cluster.GroupID)
			})
	})
}
