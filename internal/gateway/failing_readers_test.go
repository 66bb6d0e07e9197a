package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"atlas-restore-gateway/internal/loader"
	"atlas-restore-gateway/internal/restore"
)

type panicking struct{ loader.Reader }

func (panicking) Job(context.Context, restore.Tier, restore.Key) (*restore.Job, error) {
	panic("wires crossed")
}

type failing struct{ loader.Reader }

func (failing) Job(context.Context, restore.Tier, restore.Key) (*restore.Job, error) {
	return nil, errors.New("wires crossed")
}

// lingering ends a second after it was told to.
type slowToCancel struct {
	loader.Reader
	ended atomic.Bool
}

func (l *slowToCancel) Job(ctx context.Context, _ restore.Tier, _ restore.Key) (*restore.Job, error) {
	<-ctx.Done()
	<-time.After(time.Second)
	l.ended.Store(true)
	return nil, ctx.Err()
}

type panickingBody struct{}

func (panickingBody) Read([]byte) (int, error) { panic("wires crossed") }
