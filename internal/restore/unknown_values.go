package restore

import (
	"log/slog"
	"strings"
	"sync"

	"atlas-restore-gateway/internal/atlas"
)

// unknownValues logs each value of an open enumeration that is not known, once.
type unknownValues struct {
	logger *slog.Logger

	mu   sync.Mutex
	seen map[string]struct{}
}

// Bounds of what is remembered and logged of values that come from outside.
const (
	maxUnknownValues     = 100
	maxUnknownValueBytes = 64
)

func (u *unknownValues) report(field, value string) {
	whole := value
	value = value[:min(len(value), maxUnknownValueBytes)]
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
		// All of it, because half of a secret may not look like one.
		scrubbed := atlas.Scrub(whole)
		scrubbed = strings.ToValidUTF8(scrubbed[:min(len(scrubbed), maxUnknownValueBytes)], "")
		u.logger.Warn("atlas sent a value that this version does not know; it is served as UNKNOWN",
			slog.String("field", field), slog.String("value", scrubbed))
	}
}
