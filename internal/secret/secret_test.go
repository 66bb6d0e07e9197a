package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestText_isNeverShown(t *testing.T) {
	const value = "hunter2"
	text := Text(value)
	holder := struct {
		Key Text `json:"key"`
	}{text}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("text", text), slog.Any("holder", holder))
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("text", text), slog.Any("holder", holder))
	marshalled, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{text.String(), fmt.Sprint(text, holder, &holder, []Text{text}), log.String(), string(marshalled)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c"} {
		shown = append(shown, fmt.Sprintf(verb, text), fmt.Sprintf(verb, holder))
	}
	for _, s := range shown {
		if strings.Contains(s, value) || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", value)) {
			t.Errorf("the secret is shown: %s", s)
		}
		if !strings.Contains(s, Redacted) {
			t.Errorf("got %q, want it to hold %q", s, Redacted)
		}
	}
}
