package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// Organizations are organizations, and the errors of those that cannot be decoded.
type Organizations struct {
	Organizations []*atlas.Organization
	Failures      []error
}

// Organizations reads all organizations that the credential can see, in Atlas's order, by one call for each 500.
func (s *Service) Organizations(ctx context.Context) (*Organizations, error) {
	list := func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.Organization], error) {
		return organizations.cachedList(ctx, s, s.cache.organizationPages, callKey{page: o})
	}
	all, failures, err := wholeList(ctx, list, func(o *atlas.Organization) string { return o.ID })
	if err != nil {
		return nil, err
	}
	return &Organizations{Organizations: all, Failures: failures}, nil
}
