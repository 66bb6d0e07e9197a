package main

import (
	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/plugin"
)

// withoutSubscription is a plugin that generates no code for the type Subscription, which the served schema has all the
// same. The gateway executes each event of a subscription as the query of the same name (internal/execution), so a
// resolver that returns a channel would never be called.
type withoutSubscription struct{}

var _ plugin.ConfigMutator = withoutSubscription{}

// Name is the plugin's name.
func (withoutSubscription) Name() string { return "withoutsubscription" }

// MutateConfig removes the type from what code is generated for.
func (withoutSubscription) MutateConfig(c *config.Config) error {
	if c.Schema.Subscription != nil {
		delete(c.Schema.Types, c.Schema.Subscription.Name)
		c.Schema.Subscription = nil
	}
	return nil
}
