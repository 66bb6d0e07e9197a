package restore

import (
	"context"
	"log/slog"
	"sync"

	"atlas-restore-gateway/internal/atlas"
)

// Service reads restore jobs from Atlas. It is safe for concurrent use and keeps
// nothing of what it reads.
type Service struct {
	atlas   *atlas.Client
	unknown unknownValues
}

// NewService makes a service that reads with client and reports to logger.
func NewService(client *atlas.Client, logger *slog.Logger) *Service {
	return &Service{atlas: client, unknown: unknownValues{logger: logger}}
}

// ServerlessJob reads one restore job of one serverless instance, by one call of
// getGroupServerlessBackupRestoreJob. Every error is an *atlas.Error.
func (s *Service) ServerlessJob(ctx context.Context, key Key) (*Job, error) {
	job, _, err := s.atlas.GetServerlessRestoreJob(ctx, key.GroupID, key.ClusterName, key.JobID)
	if err != nil {
		return nil, err
	}
	return s.fromServerless(key, job), nil
}

// unknownValues reports each value of an open enumeration that is not known, once.
type unknownValues struct {
	logger *slog.Logger

	mu   sync.Mutex
	seen map[string]struct{}
}

// Bounds on what is remembered and logged of values that come from outside.
const (
	maxUnknownValues     = 100
	maxUnknownValueBytes = 64
)

func (u *unknownValues) report(field, value string) {
	if len(value) > maxUnknownValueBytes {
		value = value[:maxUnknownValueBytes]
	}
	u.mu.Lock()
	_, known := u.seen[field+"\x00"+value]
	full := len(u.seen) >= maxUnknownValues
	if !known && !full {
		if u.seen == nil {
			u.seen = make(map[string]struct{})
		}
		u.seen[field+"\x00"+value] = struct{}{}
	}
	u.mu.Unlock()
	if !known && !full {
		u.logger.Warn("atlas sent a value that this version does not know; it is served as UNKNOWN",
			slog.String("field", field), slog.String("value", value))
	}
}
