package restore

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

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
func (l *snapshotLists) countSettled(after string) int {
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
func (l *snapshotLists) countMissing(ids []string) int {
	n := 0
	for _, id := range ids {
		if l.byID[id] == nil {
			n++
		}
	}
	return n
}

// snapshotsUntil lists page by page until enough reports true.
func (s *Service) snapshotsUntil(ctx context.Context, tier Tier, cluster ClusterKey, enough func(*snapshotLists) bool) (*snapshotLists, error) {
	lists := &snapshotLists{byID: make(map[string]*Snapshot)}
	err := eachPage(ctx, func(ctx context.Context, o atlas.ListOptions) (*page[*Snapshot], error) {
		return s.listSnapshots(ctx, tier, cluster, o)
	}, func(s *Snapshot) string { return s.SnapshotID }, func(p *page[*Snapshot]) bool {
		lists.addPage(p)
		if enough(lists) {
			lists.more = p.more
			return false
		}
		return true
	})
	if err == nil && tier == Dedicated {
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
