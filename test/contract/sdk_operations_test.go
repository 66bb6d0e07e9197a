package contract

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"
)

// The SDK reads every operation, with every kind of credential, and loses nothing of what is on the wire but the
// members that it cannot know.
func TestSDK_readsEveryOperation(t *testing.T) {
	for _, c := range owners {
		t.Run(c.name, func(t *testing.T) {
			e := newEnv(t)
			token := e.token(t, ownerAccount)
			for _, op := range operations {
				t.Run(op.id, func(t *testing.T) {
					e.sdkReads(t, c, op, e.somewhere(t, op, token))
				})
				t.Run(op.id+"/pretty", func(t *testing.T) {
					e.sdkReads(t, c, op, e.somewhere(t, op, token), withQuery("pretty", "true"))
				})
				if op.list { // of anything else the envelope hides the resource from the SDK
					t.Run(op.id+"/envelope", func(t *testing.T) {
						e.sdkReads(t, c, op, e.somewhere(t, op, token), withQuery("envelope", "true"))
					})
				}
			}
		})
	}
}

func (e *env) sdkReads(t *testing.T, c credential, op operation, p place, modifiers ...admin.ClientModifier) {
	t.Helper()
	got, answered, err := op.call(t.Context(), e.sdk(t, c, modifiers...), p)
	if err != nil {
		t.Fatal(err)
	}
	_, _, entry := e.document.find(t, op.id)
	if want := versions(entry)[0]; versionOf(answered.header.Get("Content-Type")) != want {
		t.Errorf("answered in %s, not %s", answered.header.Get("Content-Type"), want)
	}
	x := e.wire.last(t)
	// The SDK is made from the document, so its own requests show that the check of requests is not too strict.
	if id, problems := e.document.checkRequest(x); len(modifiers) == 0 && (id != op.id || len(problems) > 0) {
		t.Errorf("the request is %s with %q", id, problems)
	}
	found, err := e.document.check(x)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range lost(t, x.body, got) {
		_, unknown := found[finding{operation: op.id, status: http.StatusOK, field: field, kind: undocumentedField}]
		if !unknown && field != "/status" { // the envelope's
			t.Errorf("the SDK lost or changed %s", field)
		}
	}
}

// lost are the fields of a body that a value made of it does not have, or has otherwise.
func lost(t *testing.T, body []byte, value any) []string {
	t.Helper()
	again, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var sent, decoded any
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &decoded); err != nil {
		t.Fatal(err)
	}
	var fields []string
	compareJSON(sent, decoded, nil, func(path []string) {
		if f := fieldName(path); !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	})
	return fields
}

// compareJSON reports where decoded lacks or changes something of sent. A null is as good as absent, and what decoded has
// beyond sent may only be a zero: Go's required fields cannot be left out.
func compareJSON(sent, decoded any, path []string, report func([]string)) {
	switch s := sent.(type) {
	case nil:
	case map[string]any:
		k, ok := decoded.(map[string]any)
		if !ok {
			report(path)
			return
		}
		for name, value := range s {
			compareJSON(value, k[name], append(slices.Clone(path), name), report)
		}
		for name, value := range k {
			if _, ok := s[name]; !ok && !isZero(value) {
				report(append(slices.Clone(path), name))
			}
		}
	case []any:
		k, ok := decoded.([]any)
		if !ok || len(k) != len(s) {
			report(path)
			return
		}
		for i := range s {
			compareJSON(s[i], k[i], append(slices.Clone(path), strconv.Itoa(i)), report)
		}
	default:
		if !reflect.DeepEqual(sent, decoded) {
			report(path)
		}
	}
}

// isZero tells the JSON of a Go zero value, an object of zeros included.
func isZero(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, member := range v {
			if !isZero(member) {
				return false
			}
		}
		return true
	default:
		return reflect.ValueOf(v).IsZero()
	}
}
