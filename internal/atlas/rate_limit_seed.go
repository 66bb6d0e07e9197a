package atlas

import (
	"context"
	"regexp"
	"strings"
)

// rateLimitSets are the rate limits of Atlas's endpoint sets. Whether the credential may read them is up to its roles.
var rateLimitSets = Resource[rateLimitSet]{
	list: declare("", "2025-03-12", "/rateLimits", "listRateLimits"),
}.uncounted()

// rateLimitSet is the rate limit of one endpoint set (RateLimitEndpointSetResponse in Atlas's OpenAPI document).
type rateLimitSet struct {
	EndpointSetID         string                      `json:"endpointSetId"`
	Capacity              *rateLimitValue             `json:"capacity"`
	Endpoints             Elements[rateLimitEndpoint] `json:"endpoints"`
	RefillDurationSeconds *rateLimitValue             `json:"refillDurationSeconds"`
	RefillRate            *rateLimitValue             `json:"refillRate"`
}

func (s rateLimitSet) identity() string { return s.EndpointSetID }

// rateLimitValue is a value that Atlas has set for the organization or the project, or the default.
type rateLimitValue struct {
	DefaultValue *int64 `json:"defaultValue"`
	Value        *int64 `json:"value"`
}

// inForce returns the value in force; 0 where there is none.
func (v *rateLimitValue) inForce() float64 {
	switch {
	case v == nil:
		return 0
	case v.Value != nil:
		return float64(*v.Value)
	case v.DefaultValue != nil:
		return float64(*v.DefaultValue)
	}
	return 0
}

type rateLimitEndpoint struct {
	Method *string `json:"method"`
	Path   *string `json:"path"`
}

// SeedRateLimits reads the rate limits of the endpoints that the client uses, and has the budget begin with them
// instead of those that Atlas documents: Atlas operation listRateLimits, one call. It returns of how many endpoint sets
// they are known then. After an error, which is an *Error, the budget stays as it is: each response of Atlas corrects it in
// any case. Without a budget no call is made.
func (c *Client) SeedRateLimits(ctx context.Context) (sets int, err error) {
	if c.budget.unlimited {
		return 0, nil
	}
	p, err := rateLimitSets.List(ctx, c, ListOptions{ItemsPerPage: MaxItemsPerPage})
	if err != nil {
		return 0, err
	}
	byPath := make(map[string]endpointSet, len(declared))
	for _, op := range declared {
		byPath[withoutNames(op.path)] = op.endpointSet()
	}
	found := make(map[endpointSet]rateLimit)
	for _, s := range p.Results {
		limit := rateLimit{capacity: s.Capacity.inForce()}
		if seconds := s.RefillDurationSeconds.inForce(); seconds > 0 {
			limit.refill = s.RefillRate.inForce() * 60 / seconds
		}
		if limit.capacity < 1 || limit.capacity > maxCapacity || limit.refill <= 0 {
			continue
		}
		for _, endpoint := range s.Endpoints {
			path, read := endpoint.readPath()
			set, used := byPath[path]
			// Of two limits for endpoints that the client takes for one set the lower one holds.
			if known, twice := found[set]; read && used && (!twice || limit.capacity < known.capacity) {
				found[set] = limit
			}
		}
	}
	c.budget.seed(found)
	return len(found), nil
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// withoutNames returns a path below apiPath without the names of its placeholders, which Atlas may spell otherwise.
func withoutNames(path string) string { return placeholder.ReplaceAllString(path, "{}") }

// readPath returns the path without names, and reports whether the endpoint is one that is read.
func (e rateLimitEndpoint) readPath() (path string, read bool) {
	if e.Path == nil || e.Method == nil || !strings.EqualFold(*e.Method, "GET") {
		return "", false
	}
	return withoutNames(strings.TrimPrefix(*e.Path, apiPath)), true
}
