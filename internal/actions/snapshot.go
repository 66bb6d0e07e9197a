package actions

import (
	"context"
	"unicode/utf8"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Bounds of a snapshot.
const (
	MaxDescriptionBytes = 512
	MaxRetentionDays    = 36500
	// listedSnapshots is how many of the newest snapshots are read before a snapshot is taken: one call.
	listedSnapshots = 100
)

// SnapshotInput asks for a snapshot.
type SnapshotInput struct {
	Cluster        restore.ClusterKey
	Description    string
	RetentionDays  int
	IdempotencyKey string
}

// CreateSnapshot takes a snapshot of a Dedicated cluster, and returns it: it is queued then. It destroys nothing, so it
// needs no plan. Errors are those of StartRestore.
func (s *Service) CreateSnapshot(ctx context.Context, in SnapshotInput) (*restore.Snapshot, error) {
	o := order{
		Kind: Snapshot, Source: in.Cluster, Description: in.Description, RetentionDays: in.RetentionDays,
	}
	switch {
	case in.RetentionDays < 1 || in.RetentionDays > MaxRetentionDays:
		return nil, refuse(InvalidInput, "retentionInDays must be from 1 to %d", MaxRetentionDays)
	case len(in.Description) > MaxDescriptionBytes || !utf8.ValidString(in.Description):
		return nil, refuse(InvalidInput, "description must have at most %d bytes of UTF-8", MaxDescriptionBytes)
	}
	caller, err := s.begin(ctx, o)
	if err != nil {
		return nil, err
	}
	result, err := s.once(ctx, caller, o, in.IdempotencyKey, func() (prepared, error) { return s.prepareSnapshot(ctx, o) })
	return result.snapshot, err
}

func (s *Service) prepareSnapshot(ctx context.Context, o order) (prepared, error) {
	ctx = restore.WithNoCache(ctx)
	cluster, err := s.config.Reader.Cluster(ctx, o.Source)
	if err != nil {
		return prepared{}, err
	}
	if cluster.ServedBy != restore.Dedicated || cluster.Free {
		return prepared{}, refuse(NotPossible, "snapshots can be taken of Dedicated clusters alone, and %s is a %s one",
			o.Source.Name, tierName(cluster))
	}
	// Where the policy cannot be read Atlas has the last word.
	if policy, err := s.config.Reader.BackupCompliancePolicy(ctx, o.Source.GroupID); err == nil && policy != nil {
		if least := daysOf(policy.OnDemandPolicyItem); o.RetentionDays < least {
			return prepared{}, refuse(NotPossible, "the backup compliance policy of the project wants snapshots on demand to be "+
				"retained for %d days at least", least)
		}
	}
	f := facts{Tier: tierName(cluster), SourceID: cluster.ID}
	list, err := s.snapshots(ctx, o.Source)
	if err != nil {
		return prepared{}, err
	}
	for _, one := range list.Snapshots {
		f.known = append(f.known, one.SnapshotID)
	}
	return prepared{facts: f}, nil
}

// daysOf returns for how many days a policy item retains snapshots, at least; 0 where it does not say.
func daysOf(item *atlas.BackupPolicyItem) int {
	if item == nil || item.RetentionUnit == nil || item.RetentionValue == nil {
		return 0
	}
	days := map[string]int64{"days": 1, "weeks": 7, "months": 28, "years": 365}[*item.RetentionUnit]
	return int(min(days*min(*item.RetentionValue, MaxRetentionDays), MaxRetentionDays))
}

func (s *Service) snapshots(ctx context.Context, cluster restore.ClusterKey) (*restore.Snapshots, error) {
	return s.config.Reader.ClusterSnapshots(ctx, restore.SnapshotQuery{Cluster: cluster, First: listedSnapshots})
}

// findSnapshot is find for a snapshot.
func (s *Service) findSnapshot(ctx context.Context, e *entry) (result started, candidates []string) {
	list, err := s.snapshots(ctx, e.Order.Source)
	if err != nil {
		return started{}, nil
	}
	for _, one := range list.Snapshots {
		key := restore.Key{JobID: one.SnapshotID} // whose time an id has
		if one.Err == nil && valueOf(one.Description) == e.Order.Description && e.isNew(one.SnapshotID, key.CreatedAt()) {
			result.snapshot, candidates = one, append(candidates, one.SnapshotID)
		}
	}
	return result, candidates
}
