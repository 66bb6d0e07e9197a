package replica

import (
	"context"
	"encoding/hex"
	"time"
)

// textTTL is how long the text of a persisted query is found. A client that sends its hash later sends the text again.
const textTTL = 24 * time.Hour

const kindText = "text"

// Texts are the texts of persisted queries, by their SHA-256.
type Texts struct{ redis *Redis }

// Texts returns the texts that the replicas share.
func (r *Redis) Texts() Texts { return Texts{r} }

// Text returns the text with this hash, which the caller must check.
func (t Texts) Text(ctx context.Context, hash [32]byte) (string, bool) {
	text, _, ok := t.redis.get(ctx, kindText, hex.EncodeToString(hash[:]))
	return string(text), ok
}

// Share has other replicas find a text.
func (t Texts) Share(hash [32]byte, text string) {
	t.redis.put(0, textTTL, []byte(text), kindText, hex.EncodeToString(hash[:]))
}
