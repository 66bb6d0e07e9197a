package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// SnapshotExports reads exports of snapshots of one Dedicated cluster, in Atlas's order: one call, or two. There are
// none of a cluster of which Atlas makes no backups.
func (s *Service) SnapshotExports(ctx context.Context, q SliceQuery) (*Slice[*atlas.SnapshotExport], error) {
	return readSlice(ctx, q, func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.SnapshotExport], error) {
		return snapshotExports.cachedList(ctx, s, s.cache.exportPages, pageKey(Dedicated, q.Cluster, o),
			q.Cluster.GroupID, q.Cluster.Name)
	})
}

// ExportBuckets reads buckets of one project to which snapshots can be exported, in Atlas's order: one call, or two.
func (s *Service) ExportBuckets(ctx context.Context, q SliceQuery) (*Slice[*atlas.ExportBucket], error) {
	return readSlice(ctx, q, func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.ExportBucket], error) {
		return exportBuckets.cachedList(ctx, s, s.cache.bucketPages, pageKey(AnyTier, q.Cluster, o), q.Cluster.GroupID)
	})
}
