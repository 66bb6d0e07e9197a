package upstream

import (
	"context"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

// chooser knows the credentials that read for the caller in a context.
type chooser interface {
	// choose returns the lease of the credential that reads the project. The caller must release it.
	choose(ctx context.Context, groupID string) (*lease, error)
	projects(ctx context.Context) (*restore.Projects, error)
	organizations(ctx context.Context) (*restore.Organizations, error)
}

// Reader reads each project with the credential that is for it. For a project without a credential it
// returns the error of Atlas for a project that does not exist.
type Reader struct {
	loader.PerProject
	chooser chooser
}

var _ loader.Reader = (*Reader)(nil)

func newReader(c chooser) *Reader {
	choose := func(ctx context.Context, groupID string) (loader.Reader, func(), error) {
		l, err := c.choose(ctx, groupID)
		if err != nil {
			return nil, nil, err
		}
		return l.Service, l.release, nil
	}
	return &Reader{loader.PerProject{Choose: choose}, c}
}

// Projects reads the projects of all credentials.
func (r *Reader) Projects(ctx context.Context) (*restore.Projects, error) {
	return r.chooser.projects(ctx)
}

// Organizations reads the organizations of all credentials.
func (r *Reader) Organizations(ctx context.Context) (*restore.Organizations, error) {
	return r.chooser.organizations(ctx)
}
