package resolvers

import (
	"context"
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/loader"
)

// scheduleOf reads the backup schedule of a cluster; nil without a call where the tier has none.
func scheduleOf(ctx context.Context, c *model.AtlasCluster) (*atlas.BackupSchedule, error) {
	if c.Tier != model.AtlasClusterTierDedicated {
		return nil, nil //nolint:nilnil // the field is null
	}
	return loader.From(ctx).BackupSchedule(ctx, clusterKey(c.GroupID, c.Name))
}

// restoreWindow reads the window of a cluster with continuous backup.
func restoreWindow(ctx context.Context, c *model.AtlasCluster) (*model.RestoreWindow, error) {
	if c.PitEnabled == nil || !*c.PitEnabled {
		return nil, nil //nolint:nilnil // the field is null
	}
	s, err := scheduleOf(ctx, c)
	if s == nil || s.RestoreWindowDays == nil {
		return nil, err
	}
	// To the hour, so that the value is the same for a while, and never too early.
	earliest := time.Now().UTC().AddDate(0, 0, -int(min(*s.RestoreWindowDays, maxWindowDays))).Add(time.Hour).
		Truncate(time.Hour)
	if c.CreateDate != nil && earliest.Before(c.CreateDate.Time) {
		earliest = c.CreateDate.Time
	}
	return &model.RestoreWindow{Days: s.RestoreWindowDays, Earliest: &model.DateTime{Time: earliest}}, nil
}

// maxWindowDays bounds the days that are subtracted from now.
const maxWindowDays = 100_000

// backupSchedule maps a schedule. It returns nil for nil.
func backupSchedule(s *atlas.BackupSchedule) *model.BackupSchedule {
	if s == nil {
		return nil
	}
	out := &model.BackupSchedule{
		ClusterID:               (*model.ObjectID)(s.ClusterID),
		ClusterName:             (*model.ClusterName)(s.ClusterName),
		NextSnapshot:            dateTime(s.NextSnapshot),
		RestoreWindowDays:       s.RestoreWindowDays,
		ReferenceHourOfDay:      s.ReferenceHourOfDay,
		ReferenceMinuteOfHour:   s.ReferenceMinuteOfHour,
		Policies:                mapAll(s.Policies, backupPolicy),
		CopySettings:            mapAll(s.CopySettings, backupCopySetting),
		CopyPolicyItemsEnabled:  s.CopyPolicyItemsEnabled,
		AutoCopySettingsEnabled: s.AutoCopySettingsEnabled,
		AutoExportEnabled:       s.AutoExportEnabled,
		ExtraRetentionSettings: mapAll(s.ExtraRetentionSettings, func(e atlas.ExtraRetention) *model.BackupExtraRetention {
			return &model.BackupExtraRetention{FrequencyType: e.FrequencyType, RetentionDays: e.RetentionDays}
		}),
		Links: links(s.Links),

		UseOrgAndGroupNamesInExportPrefix: s.UseOrgAndGroupNamesInExportPrefix,
	}
	if e := s.Export; e != nil {
		out.Export = &model.BackupAutoExport{
			ExportBucketID: (*model.ObjectID)(e.ExportBucketID), FrequencyType: e.FrequencyType,
		}
	}
	return out
}

func backupPolicy(p atlas.BackupPolicy) *model.BackupPolicy {
	return &model.BackupPolicy{ID: (*model.ObjectID)(p.ID), PolicyItems: mapAll(p.PolicyItems, backupPolicyItem)}
}

func backupPolicyItem(i atlas.BackupPolicyItem) *model.BackupPolicyItem {
	return &model.BackupPolicyItem{
		ID: (*model.ObjectID)(i.ID), FrequencyType: i.FrequencyType, FrequencyInterval: i.FrequencyInterval,
		RetentionUnit: i.RetentionUnit, RetentionValue: i.RetentionValue,
	}
}

func backupCopySetting(s atlas.BackupCopySetting) *model.BackupCopySetting {
	return &model.BackupCopySetting{
		CloudProvider: s.CloudProvider, RegionName: s.RegionName, ZoneID: (*model.ObjectID)(s.ZoneID),
		Frequencies: s.Frequencies, LastNumberOfSnapshots: s.LastNumberOfSnapshots, ShouldCopyOplogs: s.ShouldCopyOplogs,
		CopyPolicyItems: mapAll(s.CopyPolicyItems, backupPolicyItem),
	}
}
