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
	all := &Organizations{}
	list := func(ctx context.Context, o atlas.ListOptions) (*page[*atlas.Organization], error) {
		return s.cache.organizationPages.Get(ctx, callKey{page: o},
			func(ctx context.Context) (*page[*atlas.Organization], error) {
				return organizations.list(ctx, s, ClusterKey{}, o)
			})
	}
	err := eachPage(ctx, list, func(o *atlas.Organization) string { return o.ID }, func(p *page[*atlas.Organization]) bool {
		all.Organizations = append(all.Organizations, p.items...)
		if p.unidentified != nil {
			all.Failures = append(all.Failures, p.unidentified)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}
