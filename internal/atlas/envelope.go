package atlas

import (
	"bytes"
	"encoding/json"
)

// openEnvelope returns the status and the body that a response has in the envelope of envelope=true. One
// resource or an error is in {"status":…,"content":{…}}; a list has the member status beside its
// results. The status of the envelope counts, because a proxy may have changed the other one. A body
// without an envelope is returned as it is, because proxies send none.
func openEnvelope(status int, body []byte) (int, []byte) {
	var envelope struct {
		Status  json.Number     `json:"status"`
		Content json.RawMessage `json:"content"`
		Error   json.Number     `json:"error"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return status, body
	}
	if inner, ok := httpStatus(envelope.Status); ok {
		status = inner
	} else if inner, ok := httpStatus(envelope.Error); ok && envelope.Content == nil {
		// An error without an envelope, with the status 200.
		status = inner
	}
	if c := bytes.TrimSpace(envelope.Content); len(c) > 0 && c[0] == '{' {
		return status, c
	}
	return status, body
}

func httpStatus(n json.Number) (int, bool) {
	i, err := n.Int64()
	return int(i), err == nil && i >= 100 && i <= 599
}
