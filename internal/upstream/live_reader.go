package upstream

import (
	"context"
	"time"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// LiveReader reads each project as a Reader does, by restore.Live of the credential that is for it.
type LiveReader struct {
	Reader
}

// Live returns the reader for subscriptions.
func (f *FileCredentials) Live() *LiveReader { return newLiveReader(f) }

// Live returns the reader for subscriptions. It uses the token of the caller.
func (p *Passthrough) Live() *LiveReader { return newLiveReader(p) }

func newLiveReader(c chooser) *LiveReader {
	r := &LiveReader{Reader{chooser: c}}
	r.Choose = func(ctx context.Context, groupID string) (loader.Reader, func(), error) {
		return r.live(ctx, groupID)
	}
	return r
}

// live returns the view of the credential for the project. The caller must call release.
func (r *LiveReader) live(ctx context.Context, groupID string) (view *restore.Live, release func(), err error) {
	l, err := r.chooser.choose(ctx, groupID)
	if err != nil {
		return nil, nil, err
	}
	view, err = l.Service.Live()
	if err != nil {
		l.release()
		return nil, nil, err
	}
	return view, l.release, nil
}

// Poll reads the newest jobs of a cluster.
func (r *LiveReader) Poll(ctx context.Context, q restore.PollQuery) (*restore.Polled, error) {
	view, release, err := r.live(ctx, q.Cluster.GroupID)
	if err != nil {
		return nil, err
	}
	defer release()
	return view.Poll(ctx, q)
}

// Adopt takes over what another process has polled.
func (r *LiveReader) Adopt(
	ctx context.Context, q restore.PollQuery, data []byte, readAt time.Time,
) (*restore.Polled, error) {
	view, release, err := r.live(ctx, q.Cluster.GroupID)
	if err != nil {
		return nil, err
	}
	defer release()
	return view.Adopt(ctx, q, data, readAt)
}

// SharedPolls returns the polls of the project that are shared with other processes; nil where there are none.
func (r *LiveReader) SharedPolls(ctx context.Context, groupID string) restore.SharedPolls {
	view, release, err := r.live(ctx, groupID)
	if err != nil {
		return nil
	}
	defer release()
	return view.SharedPolls(ctx, groupID)
}

// PollClusters reads the clusters of a project.
func (r *LiveReader) PollClusters(ctx context.Context, groupID string) (*restore.Clusters, error) {
	view, release, err := r.live(ctx, groupID)
	if err != nil {
		return nil, err
	}
	defer release()
	return view.PollClusters(ctx, groupID)
}

// HasSpareCalls reports whether polls of the project can be made beside what callers ask for.
func (r *LiveReader) HasSpareCalls(ctx context.Context, groupID string) bool {
	view, release, err := r.live(ctx, groupID)
	if err != nil {
		return true // the poll itself says what is wrong
	}
	defer release()
	return view.HasSpareCalls(ctx, groupID)
}
