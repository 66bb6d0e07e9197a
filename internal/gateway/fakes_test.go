package gateway

import (
	"context"
	"errors"

	"atlas-restore-gateway/internal/restore"
)

type panicking struct{}

func (panicking) ServerlessJob(context.Context, restore.Key) (*restore.Job, error) {
	panic("wires crossed")
}

type failing struct{}

func (failing) ServerlessJob(context.Context, restore.Key) (*restore.Job, error) {
	return nil, errors.New("wires crossed")
}
