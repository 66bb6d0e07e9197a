package restore

import (
	"context"

	"atlas-restore-gateway/internal/atlas"
)

// BackupSchedule reads the backup schedule of a Dedicated cluster, by one call. It is nil of a cluster of which Atlas
// makes no backups.
func (s *Service) BackupSchedule(ctx context.Context, key ClusterKey) (*atlas.BackupSchedule, error) {
	return s.cache.backupSchedules.Get(ctx, pageKey(Dedicated, key, atlas.ListOptions{}),
		func(ctx context.Context) (*atlas.BackupSchedule, error) {
			schedule, err := s.atlas.GetBackupSchedule(ctx, key.GroupID, key.Name)
			if hasNoBackups(err) {
				return nil, nil //nolint:nilnil // documented
			}
			return schedule, err
		})
}
