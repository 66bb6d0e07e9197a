// Package secret has the type of texts that must not be shown: keys, passwords and
// tokens. They come from the configuration or from requests, and leave the process only
// where a package converts one to a string in order to send it.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted is shown in the place of a secret.
const Redacted = "[redacted]"

// Text is a text that must not be shown: formatted, logged or marshalled it reads
// Redacted.
type Text string

// String returns Redacted.
func (Text) String() string { return Redacted }

// Format writes Redacted, whatever the verb: fmt shows the value itself for a verb that
// does not fit a string.
func (Text) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue returns Redacted.
func (Text) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns Redacted, also for JSON.
func (Text) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
