package diagnosis

import (
	"fmt"

	"atlas-restore-gateway/internal/atlas"
)

// lowBudget is the divisor of a capacity: a budget with fewer calls than that part of it is a warning.
const lowBudget = 5

// budget returns the finding of how many calls are left, as the responses to the calls before it say.
func (c *Credential) budget(limits string) Finding {
	var left, low, spent []string
	for _, set := range c.Client.Stats().Sets {
		least := set.Emptiest
		if least.Capacity == 0 {
			continue
		}
		text := fmt.Sprintf("%s %d of %d", set.Name, least.Remaining, least.Capacity)
		left = append(left, text)
		name := set.Name
		if least.Project != "" {
			name += " of project " + least.Project
		}
		switch {
		case set.Spent > 0:
			spent = append(spent, name)
		case least.Remaining < least.Capacity/lowBudget:
			low = append(low, name)
		}
	}
	detail := "calls left where the fewest are: " + list(left) + "; " + limits
	const find = "find what else uses the limit: other programs, or other gateways without --replica-redis"
	check := "budget: " + c.Name
	switch {
	case len(spent) > 0:
		return found(check, Failed, "spent: "+list(spent)+"; "+detail,
			"wait a minute, in which Atlas allows more calls; "+find)
	case len(low) > 0:
		return found(check, Warning, "low: "+list(low)+"; "+detail, find)
	default:
		return found(check, OK, detail, "")
	}
}

// Requests returns the finding of how many requests were sent to Atlas: those of the clients, for access tokens too,
// and others without a credential.
func Requests(clients []*atlas.Client, others int64) Finding {
	var calls, tokens uint64
	for _, c := range clients {
		stats := c.Stats()
		for _, set := range stats.Sets {
			for _, n := range set.Requests {
				calls += n
			}
		}
		for _, n := range stats.TokenRequests {
			tokens += n
		}
	}
	return found("requests", OK, fmt.Sprintf("%d GET requests with a credential and %d without one were sent to Atlas, "+
		"and %d requests for access tokens", calls, others, tokens), "")
}
