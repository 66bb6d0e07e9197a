package guard

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

// Snapshot reads one snapshot.
func (r *Reader) Snapshot(ctx context.Context, key restore.SnapshotKey) (*restore.Snapshot, error) {
	return read(ctx, r, key.GroupID, func() (*restore.Snapshot, error) { return r.next.Snapshot(ctx, key) })
}

// Snapshots reads several snapshots of one cluster.
func (r *Reader) Snapshots(ctx context.Context, cluster restore.ClusterKey, ids []string) (map[string]*restore.Snapshot, error) {
	return read(ctx, r, cluster.GroupID, func() (map[string]*restore.Snapshot, error) { return r.next.Snapshots(ctx, cluster, ids) })
}

// ClusterSnapshots reads snapshots of one cluster.
func (r *Reader) ClusterSnapshots(ctx context.Context, q restore.SnapshotQuery) (*restore.Snapshots, error) {
	return read(ctx, r, q.Cluster.GroupID, func() (*restore.Snapshots, error) { return r.next.ClusterSnapshots(ctx, q) })
}

// Cluster reads one cluster.
func (r *Reader) Cluster(ctx context.Context, key restore.ClusterKey) (*restore.Cluster, error) {
	return read(ctx, r, key.GroupID, func() (*restore.Cluster, error) { return r.next.Cluster(ctx, key) })
}

// ClustersNamed reads several clusters of one project. In a project that must look like a
// missing one there are none: a link that leads there leads nowhere.
func (r *Reader) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*restore.Cluster, error) {
	_, err := r.enter(ctx, groupID)
	if looksMissing(err) {
		return map[string]*restore.Cluster{}, nil
	} else if err != nil {
		return nil, err
	}
	return r.next.ClustersNamed(ctx, groupID, names)
}

// Clusters reads all clusters of a project.
func (r *Reader) Clusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	return read(ctx, r, groupID, func() (*restore.Clusters, error) { return r.next.Clusters(ctx, groupID) })
}

// Project reads one project.
func (r *Reader) Project(ctx context.Context, groupID string) (*atlas.Project, error) {
	return read(ctx, r, groupID, func() (*atlas.Project, error) { return r.next.Project(ctx, groupID) })
}

// Projects reads the projects that the caller may read.
func (r *Reader) Projects(ctx context.Context) (*restore.Projects, error) {
	_, grant, err := r.caller(ctx)
	if err != nil {
		return nil, err
	}
	if grant.Nothing() {
		return &restore.Projects{}, nil
	}
	if err := r.limits.Call(ctx); err != nil {
		return nil, err
	}
	all, err := r.next.Projects(ctx)
	if err != nil {
		return nil, err
	}
	out := &restore.Projects{}
	for _, p := range all.Projects {
		if grant.Allows(p.ID, authz.JobsRead) {
			out.Projects = append(out.Projects, p)
		}
	}
	// Who sees all that they may is not told that somebody else's projects could not be listed.
	if named, everything := grant.Named(authz.JobsRead); everything || len(out.Projects) < len(named) {
		out.Failures = all.Failures
	}
	return out, nil
}
