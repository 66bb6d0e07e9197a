package atlas

import "context"

// opGetSystemStatus needs no role; any valid credential may ask.
var opGetSystemStatus = operation{name: "getSystemStatus", path: "", version: "2023-01-01"}

// SystemStatus is what Atlas says of itself (SystemStatus in its OpenAPI document).
type SystemStatus struct {
	AppName    string `json:"appName"`
	Build      string `json:"build"`
	Throttling bool   `json:"throttling"`
}

// GetSystemStatus asks Atlas for its status: Atlas operation getSystemStatus, one
// call, the cheapest that proves a credential. Every error is an *Error.
func (c *Client) GetSystemStatus(ctx context.Context) (*SystemStatus, error) {
	return get[SystemStatus](ctx, c, opGetSystemStatus)
}
