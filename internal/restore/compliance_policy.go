package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// CompliancePolicy is the backup compliance policy of a project.
type CompliancePolicy struct {
	atlas.BackupCompliancePolicy
	// PeopleWithheld is true when names and addresses were removed, because the caller may not read them.
	PeopleWithheld bool
}

// WithoutPeople returns a copy of the policy without the names and addresses of people; nil of nil.
func (p *CompliancePolicy) WithoutPeople() *CompliancePolicy {
	if p == nil {
		return nil
	}
	out := *p
	out.PeopleWithheld = true
	out.AuthorizedEmail, out.AuthorizedUserFirstName, out.AuthorizedUserLastName, out.UpdatedUser = nil, nil, nil, nil
	return &out
}

// BackupCompliancePolicy reads the backup compliance policy of a project, by one call, for which the credential must be
// a Project Owner. It is nil of a project without one.
func (s *Service) BackupCompliancePolicy(ctx context.Context, groupID string) (*CompliancePolicy, error) {
	return s.cache.compliancePolicies.Get(ctx, callKey{groupID: groupID},
		func(ctx context.Context) (*CompliancePolicy, error) {
			p, err := s.atlas.GetBackupCompliancePolicy(ctx, groupID)
			if hasNoBackups(err) || p == nil && err == nil {
				return nil, nil //nolint:nilnil // documented
			}
			if err != nil {
				return nil, err
			}
			return &CompliancePolicy{BackupCompliancePolicy: *p}, nil
		})
}
