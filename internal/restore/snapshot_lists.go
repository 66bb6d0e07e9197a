package restore

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/atlas"
)

// snapshotLists are the lists of the snapshots of one cluster, as far as they were read.
type snapshotLists struct {
	byID map[string]*Snapshot
	// last is the id that was listed last. unordered is true when an id was listed behind an older one.
	last      string
	unordered bool
	// more is true when there are pages that were not read.
	more bool
	// unidentified are the errors of snapshots on the lists that are missing from byID.
	unidentified []error
	// shardedErr is the error because of which the list of the parts could not be read, or nil. Its snapshots may be
	// missing from byID.
	shardedErr error
}

// whyMissing returns the error because of which a snapshot that is not in byID may exist all the same, or nil.
func (l *snapshotLists) whyMissing() error {
	if len(l.unidentified) > 0 {
		return l.unidentified[0]
	}
	return l.shardedErr
}

// add adds a page. A snapshot on the list of the parts replaces the one on an earlier page.
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

// addPage adds a page of the list that has pages.
func (l *snapshotLists) addPage(p *page[*Snapshot]) {
	for _, snapshot := range p.items {
		l.unordered = l.unordered || l.last != "" && second(snapshot.SnapshotID) > second(l.last)
		l.last = snapshot.SnapshotID
	}
	l.add(p)
}

// outOfOrder is how much later a snapshot may have been made than one that is listed before it, by their ids: Atlas
// does not document that lists are in the order of ids.
const outOfOrder = 24 * time.Hour

// countSettled returns how many snapshots behind an id cannot be preceded by one on a page that was not read: none
// where the newest do not come first.
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

// countMissing returns how many of the ids are on no page so far.
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
func (s *Service) snapshotsUntil(ctx context.Context,
	tier Tier, cluster ClusterKey, enough func(*snapshotLists) bool) (*snapshotLists, error) {
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

// addSharded adds the list of the snapshots of a sharded cluster. It is read where a snapshot says that there is one,
// and where the other list, with all snapshots of a replica set, is empty.
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
				// It may be the one that cannot be identified.
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
