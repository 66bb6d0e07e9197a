package atlas

import "context"

// opGetSystemStatus needs no role, only a valid credential.
var opGetSystemStatus = declare("", "2023-01-01", "", "getSystemStatus")

// SystemStatus is the status of Atlas (SystemStatus in its OpenAPI document).
type SystemStatus struct {
	AppName    string `json:"appName"`
	Build      string `json:"build"`
	Throttling bool   `json:"throttling"`
}

// GetSystemStatus returns the status of Atlas: Atlas operation getSystemStatus, one
// call, the cheapest one that tells whether a credential is valid. Every error is an *Error.
func (c *Client) GetSystemStatus(ctx context.Context) (*SystemStatus, error) {
	return get[SystemStatus](ctx, c, opGetSystemStatus)
}
