package contract

import (
	"net/http"

	"go.mongodb.org/atlas-sdk/v20250312020/admin"
)

// The SDK has no way to ask for another version, or for pretty and envelope. These modifiers do so above its login, so
// that a digest is made of the request as it is sent.

func withQuery(name, value string) admin.ClientModifier {
	return changed(func(r *http.Request) { setQuery(r, name, value) })
}

func withAccept(value string) admin.ClientModifier {
	return changed(func(r *http.Request) { r.Header.Set("Accept", value) })
}

func changed(change func(*http.Request)) admin.ClientModifier {
	return func(c *admin.Configuration) error {
		client := *c.HTTPClient
		client.Transport = changer{change: change, next: client.Transport}
		c.HTTPClient = &client
		return nil
	}
}

type changer struct {
	change func(*http.Request)
	next   http.RoundTripper
}

func (c changer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	c.change(r)
	return c.next.RoundTrip(r)
}
