package upstream

import (
	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// Upstream is a client of Atlas with one credential, and the service that reads with it.
type Upstream struct {
	Client  *atlas.Client
	Service *restore.Service
}

// Build makes an Upstream. An empty baseURL means the one of the settings.
type Build func(credential atlas.Credential, baseURL string) (Upstream, error)

// close cancels the calls that run and waits for them.
func (u Upstream) close() {
	u.Service.Close()
	u.Client.Close()
}
