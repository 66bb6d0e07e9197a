package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"

	"atlas-restore-gateway/internal/atlas"
)

// SnapshotQuery asks for snapshots of one cluster, newest first.
type SnapshotQuery struct {
	Cluster ClusterKey
	// First bounds the snapshots of the answer: 0 to MaxFirst.
	First int
	// After is the id behind which to begin, whether its snapshot still exists or not; "" is the beginning.
	After string
	// Count has Atlas count the list.
	Count bool
}

// Snapshots are snapshots of a list, newest first.
type Snapshots struct {
	Snapshots []*Snapshot
	// Start is the index of the first of them among all.
	Start int
	// More is true when there are more.
	More bool
	// EstimatedTotal is how many there are in all, or Atlas's estimate where not all were read; nil when Atlas does not
	// say. CountErr is the error because of which Atlas could not count them, or nil.
	EstimatedTotal *int64
	CountErr       error
	// Unidentified are the errors of snapshots that are missing: nothing tells which snapshots they are.
	Unidentified []error
}

// ClusterSnapshots reads snapshots of one cluster. It makes a call for each 500 up to those that are asked for, where
// Atlas lists the newest first, and otherwise for each 500 that there are; one more for a sharded cluster, the parts of
// whose snapshots are on a list of their own; and one more for a count where not all are read.
func (s *Service) ClusterSnapshots(ctx context.Context, q SnapshotQuery) (*Snapshots, error) {
	return askTiers(ctx, s, q.Cluster, func(ctx context.Context, tier Tier) (*Snapshots, error) {
		read, err := s.snapshotsUntil(ctx, tier, q.Cluster, func(l *snapshotLists) bool {
			return l.countSettled(q.After) > q.First
		})
		if err != nil {
			return nil, err
		}
		out := read.answer(q)
		if q.Count && out.EstimatedTotal == nil {
			out.EstimatedTotal, out.CountErr = s.countSnapshots(ctx, tier, q.Cluster)
		}
		return out, nil
	})
}

// countSnapshots has Atlas count the snapshots of a cluster, by a page of one: a count costs Atlas more than a page,
// and is needed only where a list is not read to its end.
func (s *Service) countSnapshots(ctx context.Context, tier Tier, cluster ClusterKey) (*int64, error) {
	p, err := s.listSnapshots(ctx, tier, cluster, atlas.ListOptions{PageNum: 1, ItemsPerPage: 1, Count: true})
	if err != nil {
		return nil, err
	}
	return p.total, p.countErr
}

// answer returns the part of the lists that is asked for.
func (l *snapshotLists) answer(q SnapshotQuery) *Snapshots {
	all := make([]*Snapshot, 0, len(l.byID))
	for _, snapshot := range l.byID {
		all = append(all, snapshot)
	}
	// The APIs list them in different orders.
	slices.SortFunc(all, func(a, b *Snapshot) int { return cmp.Compare(b.SnapshotID, a.SnapshotID) })
	out := &Snapshots{Unidentified: l.unidentified}
	if !l.more {
		out.EstimatedTotal = new(int64(len(all)))
	}
	if q.After != "" {
		out.Start = sort.Search(len(all), func(i int) bool { return all[i].SnapshotID < q.After })
	}
	out.Snapshots = all[out.Start:min(out.Start+q.First, len(all))]
	out.More = l.more || out.Start+len(out.Snapshots) < len(all)
	return out
}

// Snapshots reads several snapshots of one cluster: a single one by a call of its own, more of them by listing. A
// snapshot that Atlas does not have any more is missing from the result. Where that is not known, the snapshot has an
// Err.
func (s *Service) Snapshots(ctx context.Context, cluster ClusterKey, ids []string) (map[string]*Snapshot, error) {
	if valid := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isObjectID(id) }); len(valid) < len(
		ids) {
		return s.snapshotsOfValidIDs(ctx, cluster, valid, ids)
	}
	if len(ids) == 1 {
		snapshot, err := s.Snapshot(ctx, SnapshotKey{cluster.GroupID, cluster.Name, ids[0]})
		switch {
		case err == nil:
			return map[string]*Snapshot{ids[0]: snapshot}, nil
		case isSnapshotNotFound(err):
			return map[string]*Snapshot{}, nil
		default:
			return nil, err
		}
	}
	batch, err := askTiers(ctx, s, cluster, func(ctx context.Context, tier Tier) (snapshotBatch, error) {
		batch := snapshotBatch{cluster, ids, make(map[string]*Snapshot, len(ids))}
		read, err := s.snapshotsUntil(ctx, tier, cluster, func(l *snapshotLists) bool {
			return l.countMissing(ids) <= maxSingleSnapshots
		})
		if err != nil {
			return snapshotBatch{}, err
		}
		for _, id := range ids {
			if snapshot := read.byID[id]; snapshot != nil {
				batch.found[id] = snapshot
			} else if read.more {
				// It can stand on a page that was not read.
				s.addSingleSnapshot(ctx, tier, SnapshotKey{cluster.GroupID, cluster.Name, id}, batch.found)
			}
		}
		if err := read.whyMissing(); err != nil {
			batch.replaceMissing(err)
		}
		return batch, nil
	})
	return batch.found, err
}

// snapshotBatch is several snapshots of one cluster, by id.
type snapshotBatch struct {
	cluster ClusterKey
	ids     []string // of all
	found   map[string]*Snapshot
}

func (b snapshotBatch) replaceMissing(failure error) (replaced bool) {
	for _, id := range b.ids {
		if b.found[id] == nil {
			b.found[id] = &Snapshot{SnapshotKey: SnapshotKey{b.cluster.GroupID, b.cluster.Name, id}, Err: failure}
			replaced = true
		}
	}
	return replaced
}

// snapshotsOfValidIDs is Snapshots for the ids of all that are valid. Looking for one of the others would read every
// list to its end.
func (s *Service) snapshotsOfValidIDs(ctx context.Context,
	cluster ClusterKey, valid, all []string) (map[string]*Snapshot, error) {
	found := make(map[string]*Snapshot, len(all))
	if len(valid) > 0 {
		var err error
		if found, err = s.Snapshots(ctx, cluster, valid); err != nil {
			return nil, err
		}
	}
	for _, id := range all {
		if !isObjectID(id) {
			found[id] = &Snapshot{SnapshotKey: SnapshotKey{cluster.GroupID, cluster.Name, id}, Err: errNoSnapshotID}
		}
	}
	return found, nil
}

var errNoSnapshotID = &atlas.Error{
	Kind: atlas.KindMalformed, Err: errors.New("the id of a snapshot is not 24 hexadecimal digits"),
}

// maxSingleSnapshots bounds the snapshots that are asked for by themselves, where further pages would have to be read
// for them.
const maxSingleSnapshots = 2

// addSingleSnapshot asks one API for a snapshot and adds it to found, or the error because of which it could not be
// read. A snapshot that does not exist is not added.
func (s *Service) addSingleSnapshot(ctx context.Context, tier Tier, key SnapshotKey, found map[string]*Snapshot) {
	snapshot, err := s.getSnapshot(ctx, tier, key)
	switch {
	case err == nil:
		found[key.SnapshotID] = snapshot
	case !isSnapshotNotFound(err):
		found[key.SnapshotID] = &Snapshot{SnapshotKey: key, Err: err}
	}
}
