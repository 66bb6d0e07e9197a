package app

import (
	"context"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/web/dashboard"
	"atlas-restore-gateway/internal/web/login"
	"atlas-restore-gateway/internal/web/playground"
	"atlas-restore-gateway/schema"
)

// pages are the handlers of the pages for people; nil where a page is not served.
type pages struct{ playground, playgroundSchema, dashboard http.Handler }

func newPages(cfg *config.Config, target *target, auth *auth) (p pages, err error) {
	withPlayground, withDashboard := cfg.Playground.IsOn(cfg.Demo), cfg.Dashboard.IsOn(cfg.Demo)
	if withPlayground {
		// The published schema is no secret: only --introspection=off asks for none.
		withSchema := cfg.Introspection != config.Off
		p.playground, err = playground.New(playground.Config{
			Mode: string(target.mode), Jobs: playgroundJobs(target.examples), Dashboard: withDashboard, Schema: withSchema,
			Login: auth.login(cfg),
		})
		if err != nil {
			return pages{}, err
		}
		if withSchema {
			sdl := schema.API
			if cfg.Actions.Actions {
				sdl = schema.APIWithActions
			}
			if p.playgroundSchema, err = playground.NewSchema(sdl); err != nil {
				return pages{}, err
			}
		}
	}
	if withDashboard {
		p.dashboard, err = dashboard.New(dashboard.Config{
			Mode: string(target.mode), Playground: withPlayground, Actions: cfg.Actions.Actions, Login: auth.login(cfg),
		})
	}
	return p, err
}

// login returns how the users of pages can authenticate.
func (a *auth) login(cfg *config.Config) login.Source {
	methods := login.Methods{
		Bearer:   cfg.Has(authz.Token) || cfg.Has(authz.OIDC) || cfg.Has(authz.Passthrough),
		Required: !cfg.Has(authz.None),
	}
	return func(ctx context.Context) login.Methods {
		methods := methods
		if cfg.OIDCClientID == "" {
			return methods
		}
		authorization, token, err := a.oidc.Endpoints(ctx)
		if err != nil {
			methods.Problem = "the OpenID provider cannot be read: the log of the gateway says why"
			return methods
		}
		methods.Provider = &login.Provider{
			Issuer: cfg.OIDCIssuer, AuthorizationEndpoint: authorization, TokenEndpoint: token, ClientID: cfg.OIDCClientID,
			Scope: strings.Join(cfg.Scopes(), " "), Audiences: cfg.Audiences(),
		}
		return methods
	}
}

// playgroundJobs returns the jobs of the demo that the examples of the playground ask for.
func playgroundJobs(examples []atlassim.Example) playground.Jobs {
	job := func(label string) playground.Job {
		for _, e := range examples {
			if e.Label == label {
				return playground.Job{GroupID: e.GroupID, ClusterName: e.ClusterName, RestoreJobID: e.RestoreJobID}
			}
		}
		return playground.Job{}
	}
	return playground.Jobs{Serverless: job("succeeded"), Migrated: job("migratedToDedicated")}
}
