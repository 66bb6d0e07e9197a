package atlas

import (
	"bytes"
	"encoding/json"
)

// openEnvelope takes an answer out of the envelope that envelope=true asks for: a
// single resource or an error lies in {"status":…,"content":{…}}, a list has a
// member status beside its results. The envelope's status counts, because the one
// outside may be a proxy's. What is in no envelope stays as it is: proxies and
// older answers know none.
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
		// A bare error payload that came with a status of 200.
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
