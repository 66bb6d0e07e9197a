package restore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// SnapshotQuery asks for snapshots of one cluster, newest first.
type SnapshotQuery struct {
	Cluster ClusterKey
	// First is how many snapshots at most: 0 to MaxFirst.
	First int
	// After is the id behind which to go on, whether its snapshot is still there or not; ""
	// is the beginning.
	After string
	// Count is whether to have Atlas count them.
	Count bool
}

// Snapshots are snapshots of a list, newest first.
type Snapshots struct {
	Snapshots []*Snapshot
	// Start is the index of the first of them among all.
	Start int
	// More is whether there are more.
	More bool
	// EstimatedTotal is how many there are in all, where they were not all read as Atlas estimates
	// it; nil when it does not say. CountErr is why it could not, or nil.
	EstimatedTotal *int64
	CountErr       error
	// Unidentified say that snapshots are missing, which nothing tells apart.
	Unidentified []error
}

// ClusterSnapshots reads snapshots of one cluster: a page of 500 for as many as are asked for
// and stand before them, where Atlas lists the newest first, and else one for each 500 that there
// are; and one call more for a sharded cluster, whose snapshots have their parts on a list of
// their own, and one for a count where not all are read.
func (s *Service) ClusterSnapshots(ctx context.Context, q SnapshotQuery) (*Snapshots, error) {
	return find(ctx, s, q.Cluster, func(ctx context.Context, api Tier) (*Snapshots, error) {
		read, err := s.snapshotsUntil(ctx, api, q.Cluster, func(l *snapshotLists) bool { return l.settled(q.After) > q.First })
		if err != nil {
			return nil, err
		}
		out := read.cut(q)
		if q.Count && out.EstimatedTotal == nil {
			out.EstimatedTotal, out.CountErr = s.countSnapshots(ctx, api, q.Cluster)
		}
		return out, nil
	})
}

// countSnapshots has Atlas count the snapshots of a cluster, by a page of one: to count costs Atlas
// more than a page, and is needed only where a list is not read to its end.
func (s *Service) countSnapshots(ctx context.Context, api Tier, cluster ClusterKey) (*int64, error) {
	p, err := s.listSnapshots(ctx, api, cluster, atlas.ListOptions{PageNum: 1, ItemsPerPage: 1, Count: true})
	if err != nil {
		return nil, err
	}
	return p.total, p.countErr
}

// cut is the part of the lists that is asked for.
func (l *snapshotLists) cut(q SnapshotQuery) *Snapshots {
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

// Snapshots reads several snapshots of one cluster: a single one by a call of its own,
// more of them by listing. An id that is in no list is missing from the result: Atlas
// no longer has it. Where that is not known, its snapshot has an Err.
func (s *Service) Snapshots(ctx context.Context, cluster ClusterKey, ids []string) (map[string]*Snapshot, error) {
	if some := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !isObjectID(id) }); len(some) < len(ids) {
		return s.snapshotsAnd(ctx, cluster, some, ids)
	}
	if len(ids) == 1 {
		snapshot, err := s.Snapshot(ctx, SnapshotKey{cluster.GroupID, cluster.Name, ids[0]})
		switch {
		case err == nil:
			return map[string]*Snapshot{ids[0]: snapshot}, nil
		case isGoneSnapshot(err):
			return map[string]*Snapshot{}, nil
		default:
			return nil, err
		}
	}
	batch, err := find(ctx, s, cluster, func(ctx context.Context, api Tier) (snapshotBatch, error) {
		batch := snapshotBatch{cluster, ids, make(map[string]*Snapshot, len(ids))}
		read, err := s.snapshotsUntil(ctx, api, cluster, func(l *snapshotLists) bool { return l.missing(ids) <= fewSnapshots })
		if err != nil {
			return snapshotBatch{}, err
		}
		for _, id := range ids {
			if snapshot := read.byID[id]; snapshot != nil {
				batch.found[id] = snapshot
			} else if read.more {
				// It may stand on a page that was not read.
				s.addSnapshot(ctx, api, SnapshotKey{cluster.GroupID, cluster.Name, id}, batch.found)
			}
		}
		if err := read.whyMissing(); err != nil {
			batch.replaceAbsences(err)
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

func (b snapshotBatch) replaceAbsences(failure error) (replaced bool) {
	for _, id := range b.ids {
		if b.found[id] == nil {
			b.found[id] = &Snapshot{SnapshotKey: SnapshotKey{b.cluster.GroupID, b.cluster.Name, id}, Err: failure}
			replaced = true
		}
	}
	return replaced
}

// snapshotsAnd is Snapshots for those ids that are some; each other one of all is none, and
// looking for it would mean to read every list to its end.
func (s *Service) snapshotsAnd(ctx context.Context, cluster ClusterKey, some, all []string) (map[string]*Snapshot, error) {
	found := make(map[string]*Snapshot, len(all))
	if len(some) > 0 {
		var err error
		if found, err = s.Snapshots(ctx, cluster, some); err != nil {
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

var errNoSnapshotID = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("the id of a snapshot is not 24 hexadecimal digits")}

// fewSnapshots is how many snapshots are asked for by themselves, where further pages would have
// to be read for them.
const fewSnapshots = 2

// addSnapshot asks one API for a snapshot and adds it to found, or why it could not be read; one
// that is gone is not added.
func (s *Service) addSnapshot(ctx context.Context, api Tier, key SnapshotKey, found map[string]*Snapshot) {
	snapshot, err := s.getSnapshot(ctx, api, key)
	switch {
	case err == nil:
		found[key.SnapshotID] = snapshot
	case !isGoneSnapshot(err):
		found[key.SnapshotID] = &Snapshot{SnapshotKey: key, Err: err}
	}
}

// snapshotLists is what the lists of the snapshots of one cluster say.
type snapshotLists struct {
	byID map[string]*Snapshot
	// last is the id that was listed last, and unordered whether one was listed behind an older
	// one.
	last      string
	unordered bool
	// more is whether there are pages that were not read.
	more bool
	// unidentified say that snapshots on the lists are missing from byID.
	unidentified []error
	// shardedErr is why the list of the parts could not be read, or nil. Only its snapshots
	// could be missing from byID.
	shardedErr error
}

// whyMissing returns why a snapshot that is not in byID may exist all the same, or nil.
func (l *snapshotLists) whyMissing() error {
	if len(l.unidentified) > 0 {
		return l.unidentified[0]
	}
	return l.shardedErr
}

// add takes in a page. A snapshot that it has better than an earlier one, of the list of
// the parts, takes its place.
func (l *snapshotLists) add(p *page[*Snapshot]) {
	for _, snapshot := range p.items {
		known := l.byID[snapshot.SnapshotID]
		if known != nil && known.Err == nil && snapshot.Err != nil {
			snapshot = known.withoutMembers(snapshot.Err)
		}
		l.byID[snapshot.SnapshotID] = snapshot
	}
	if p.unidentified != nil {
		l.unidentified = append(l.unidentified, p.unidentified)
	}
}

// addPage takes in a page of the list that has pages.
func (l *snapshotLists) addPage(p *page[*Snapshot]) {
	for _, snapshot := range p.items {
		l.unordered = l.unordered || l.last != "" && second(snapshot.SnapshotID) > second(l.last)
		l.last = snapshot.SnapshotID
	}
	l.add(p)
}

// outOfOrder is how much later a snapshot may have been made than one that is listed before it,
// by their ids: nobody says that Atlas lists them in the order of those.
const outOfOrder = 24 * time.Hour

// settled is how many snapshots behind an id are known to have none before them on a page that
// was not read. Where the newest do not come first there are none.
func (l *snapshotLists) settled(after string) int {
	if l.unordered || l.last == "" {
		return 0
	}
	n, end := 0, createdAt(l.last).Add(outOfOrder)
	for id := range l.byID {
		if (after == "" || id < after) && createdAt(id).After(end) {
			n++
		}
	}
	return n
}

// missing is how many of the ids are on no page so far.
func (l *snapshotLists) missing(ids []string) int {
	n := 0
	for _, id := range ids {
		if l.byID[id] == nil {
			n++
		}
	}
	return n
}

// snapshotsUntil lists page by page until enough reports true.
func (s *Service) snapshotsUntil(ctx context.Context, api Tier, cluster ClusterKey, enough func(*snapshotLists) bool) (*snapshotLists, error) {
	lists := &snapshotLists{byID: make(map[string]*Snapshot)}
	err := eachPage(ctx, func(ctx context.Context, o atlas.ListOptions) (*page[*Snapshot], error) {
		return s.listSnapshots(ctx, api, cluster, o)
	}, func(s *Snapshot) string { return s.SnapshotID }, func(p *page[*Snapshot]) bool {
		lists.addPage(p)
		if enough(lists) {
			lists.more = p.more
			return false
		}
		return true
	})
	if err == nil && api == Dedicated {
		err = s.addSharded(ctx, cluster, lists)
	} else if isWrongSnapshotEndpoint(err) {
		// All of them stand on the other list.
		var p *page[*Snapshot]
		if p, err = s.listSharded(ctx, cluster); err == nil {
			lists.add(p)
		}
	}
	return lists, err
}

// addSharded takes in the list of the snapshots of a sharded cluster. It is asked for where
// a snapshot says that there is one, and where no other list has any: all snapshots of a
// replica set stand on the other list.
func (s *Service) addSharded(ctx context.Context, cluster ClusterKey, lists *snapshotLists) error {
	var sharded []*Snapshot
	for _, snapshot := range lists.byID {
		if snapshot.isSharded() {
			sharded = append(sharded, snapshot)
		}
	}
	if len(sharded) == 0 && len(lists.byID) > 0 {
		return nil
	}
	p, err := s.listSharded(ctx, cluster)
	if err == nil {
		lists.add(p)
		for _, snapshot := range sharded {
			if p.unidentified != nil && lists.byID[snapshot.SnapshotID] == snapshot {
				// It may be the one that nothing identifies.
				lists.byID[snapshot.SnapshotID] = snapshot.withoutMembers(p.unidentified)
			}
		}
		return nil
	}
	absent := atlas.IsNotFound(err) || isWrongSnapshotEndpoint(err)
	if len(sharded) == 0 {
		if absent {
			return nil
		}
		return err
	}
	for _, snapshot := range sharded {
		lists.byID[snapshot.SnapshotID] = snapshot.withoutMembers(err)
	}
	if !absent {
		lists.shardedErr = err
	}
	return nil
}

// ClustersNamed reads several clusters of one project: one or two by calls of their own,
// more of them by listing. A name that is in no list is missing from the result: there
// is no such cluster. Where that is not known, its cluster has an Err.
func (s *Service) ClustersNamed(ctx context.Context, groupID string, names []string) (map[string]*Cluster, error) {
	found := make(map[string]*Cluster, len(names))
	unread := func(name string, err error) {
		found[name] = &Cluster{ClusterKey: ClusterKey{groupID, name}, Err: err}
	}
	if len(names) <= 2 {
		for _, name := range names {
			c, err := s.Cluster(ctx, ClusterKey{groupID, name})
			switch {
			case err == nil:
				found[name] = c
			case !atlas.IsNotFound(err):
				unread(name, err)
			}
		}
		return found, nil
	}
	all, err := s.Clusters(ctx, groupID)
	if atlas.IsNotFound(err) {
		return found, nil // no project, and so no cluster
	} else if err != nil {
		return nil, err
	}
	for _, c := range all.Clusters {
		found[c.Name] = c
	}
	// What is on no list may be on the one that could not be read.
	for _, name := range names {
		if failure := all.MayHide(name); found[name] == nil && failure != nil {
			unread(name, failure)
		}
	}
	return found, nil
}
