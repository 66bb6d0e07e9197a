package audit

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/test/released"
)

func TestReleased_eventsHaveTheirFields(t *testing.T) {
	var out bytes.Buffer
	log := New(&out)
	ctx := WithOrigin(authz.WithCaller(t.Context(), &authz.Caller{
		Method: authz.Router, Router: "router", Issuer: "issuer", Subject: "subject", Token: "token",
	}), Origin{Remote: "remote", ForwardedFor: "forwarded", RequestID: "request"})
	if err := log.Record(ctx, download); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"planned", "starting", "outcome", "refused"} {
		var action Action
		for _, field := range reflect.ValueOf(&action).Elem().Fields() {
			field.SetString("some")
		}
		action.Step = step
		if err := log.RecordAction(ctx, action); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for lines := json.NewDecoder(&out); lines.More(); {
		var line map[string]any
		if err := lines.Decode(&line); err != nil {
			t.Fatal(err)
		}
		for field := range line {
			names = append(names, line["event"].(string)+" "+field)
		}
	}
	released.Check(t, names)
}
