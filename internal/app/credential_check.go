package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/config"
)

// credentialCheck asks Atlas once whether it accepts a credential, so that a wrong key is found when the gateway starts
// and not by its first caller. It only logs: a gateway that starts during an outage of Atlas must serve when the outage
// ends.
type credentialCheck struct {
	name     string // in the log
	client   *atlas.Client
	location string // where the operator finds the credential
	// projects and organizations are those that its entry names.
	projects, organizations []string
}

func (c credentialCheck) run(ctx context.Context, logger *slog.Logger) {
	_, err := c.client.GetSystemStatus(ctx)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		logger.Info("atlas accepts the credential", slog.String("credential", c.name))
		n, _ := c.client.SeedRateLimits(ctx) // each response corrects them in any case
		logger.Debug("rate limits of atlas were read", slog.String("credential", c.name), slog.Int("endpoint_sets", n))
		return
	}
	logger.Error("the check of the credential failed",
		slog.String("credential", c.name), slog.String("advice", c.advice(err)), slog.String("error", err.Error()))
}

// advice returns one line that says what to do about a failed check.
func (c credentialCheck) advice(err error) string {
	var e *atlas.Error
	if !errors.As(err, &e) {
		return "see the error"
	}
	switch {
	case e.Kind == atlas.KindTimeout, e.Kind == atlas.KindUnavailable:
		return "atlas cannot be reached at " + c.client.BaseURL() +
			": check the network, a proxy between (HTTPS_PROXY), and " + config.EnvBaseURL
	case e.Kind == atlas.KindCredential, e.Status == http.StatusUnauthorized:
		return "atlas does not accept the credential: check " + c.location
	case e.Status == http.StatusForbidden && atlas.AnswerOf(e) != nil:
		return "atlas refuses the credential here: put this machine's address on its access list, and give it the role " +
			"Project Backup Manager in the projects (Project Read Only is enough without Dedicated clusters)"
	case e.Status == http.StatusTooManyRequests:
		return "atlas's rate limit is reached; the credential could not be checked"
	default:
		return "what answers at " + c.client.BaseURL() + " does not answer like atlas: check " + config.EnvBaseURL
	}
}

// variablesOf returns the names of the variables that hold a credential.
func variablesOf(c atlas.Credential) string {
	switch c.(type) {
	case atlas.ServiceAccount:
		return config.EnvClientID + " and " + config.EnvClientSecret
	case atlas.AccessToken:
		return config.EnvAccessToken + " (it lives for an hour)"
	default:
		return config.EnvPublicKey + " and " + config.EnvPrivateKey
	}
}
