package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/httpserver"
)

// announce says where the gateway listens and in which mode, and in demo mode what
// to ask it. Logs in JSON are read by machines: they get one record.
func announce(w io.Writer, cfg *config.Config, logger *slog.Logger, addr net.Addr, up backend, credential string) {
	scheme := "http://"
	if cfg.TLSCert != "" {
		scheme = "https://"
	}
	url := scheme + httpserver.DialAddress(addr) + "/graphql"
	logger.Info("serving", slog.String("url", url), slog.String("mode", string(up.mode)),
		slog.String("atlas", up.baseURL), slog.String("credential", credential), slog.Any("auth", cfg.Methods()))
	warnReach(cfg, addr, logger)
	if up.mode != gateway.ModeDemo || cfg.LogFormat == "json" || len(up.examples) == 0 {
		return
	}
	query := exampleQuery(up.examples[0])
	body, err := json.Marshal(map[string]string{"query": strings.Join(strings.Fields(query), " ")})
	if err != nil {
		return
	}
	fmt.Fprint(w, `
DEMO: the jobs are made up; no Atlas is asked.
`)
	announcePages(w, cfg, strings.TrimSuffix(url, "graphql"))
	fmt.Fprintf(w, `
Ask for one by curl:

  curl %s -H 'Content-Type: application/json' %s-d '%s'

or send this query:

%s
More jobs in project %s; the field restoreJob takes each of them:
`, url, proof(cfg), body, query, up.examples[0].GroupID)
	for _, e := range up.examples {
		if slices.Contains(shown, e.Label) {
			fmt.Fprintf(w, "  %-20s clusterName: %-12q restoreJobId: %q\n", e.Label, e.ClusterName, e.RestoreJobID)
		}
	}
	fmt.Fprintf(w, `
The whole project, over clusters and tiers:

{ restoreJobs(groupId: %q, first: 10) { nodes { id clusterName state servedBy createdAt } unread { clusterName } pageInfo { endCursor } } }

`, up.examples[0].GroupID)
}

// announcePages leads to the pages. Where callers are asked who they are, the example of a
// dashboard is not among them, because it sends no token.
func announcePages(w io.Writer, cfg *config.Config, base string) {
	if cfg.Playground == config.Off {
		return
	}
	fmt.Fprint(w, "\nLook at them in a browser:\n\n")
	if !cfg.Has(authz.None) {
		fmt.Fprintf(w, "  %s  the playground; say under Headers who you are\n", base)
		return
	}
	fmt.Fprintf(w, "  %[1]s           the playground\n  %[1]sdashboard  an example of a dashboard\n", base)
}

// proof is what a curl line needs where callers are asked who they are.
func proof(cfg *config.Config) string {
	switch {
	case cfg.Has(authz.None):
		return ""
	case cfg.Has(authz.Token), cfg.Has(authz.OIDC):
		return "-H 'Authorization: Bearer …' "
	default:
		return "-H '" + authn.RouterSecretHeader + ": …' "
	}
}

// shown are the labels of the examples that are worth a line: a stage or a tier each.
var shown = []string{
	"succeeded", "running", "ready", "failed", "cancelled", "expired", "pointInTime",
	"flex", "flexReady", "dedicated", "sharded", "migratedToFlex", "migratedToDedicated",
}

func exampleQuery(e example) string {
	return fmt.Sprintf(`{
  serverlessRestoreJob(
    groupId: %q
    clusterName: %q
    restoreJobId: %q
  ) { id state deliveryType snapshotId targetClusterName timestamp finishedAt servedBy }
}
`, e.GroupID, e.ClusterName, e.RestoreJobID)
}

// checked is a credential that is checked: what logs call it, and where it stands.
type checked struct{ name, baseURL, where string }

// checkCredential asks Atlas once whether it accepts the credential, so that a wrong
// key is found when the gateway starts and not by its first user. It only reports:
// a gateway that starts during an outage must be there when the outage ends.
func checkCredential(ctx context.Context, client *atlas.Client, c checked, logger *slog.Logger) {
	_, err := client.GetSystemStatus(ctx)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		logger.Info("atlas accepts the credential", slog.String("credential", c.name))
		return
	}
	logger.Error("the check of the credential failed", slog.String("credential", c.name), slog.String("advice", advice(err, c)), slog.String("error", err.Error()))
}

// advice is one line that says what to do about a failed check.
func advice(err error, c checked) string {
	var e *atlas.Error
	if !errors.As(err, &e) {
		return "see the error"
	}
	switch {
	case e.Kind == atlas.KindTimeout, e.Kind == atlas.KindUnavailable:
		return "atlas cannot be reached at " + c.baseURL + ": check the network, a proxy between (HTTPS_PROXY), and " + config.EnvBaseURL
	case e.Kind == atlas.KindCredential, e.Status == http.StatusUnauthorized:
		return "atlas does not accept the credential: check " + c.where
	case e.Status == http.StatusForbidden && atlas.AnswerOf(e) != nil:
		return "atlas refuses the credential here: give it the role Project Owner, and put this machine's address on its access list"
	case e.Status == http.StatusTooManyRequests:
		return "atlas's rate limit is reached; the credential could not be checked"
	default:
		return "what answers at " + c.baseURL + " does not answer like atlas: check " + config.EnvBaseURL
	}
}

func credentialVariables(c atlas.Credential) string {
	switch c.(type) {
	case atlas.ServiceAccount:
		return config.EnvClientID + " and " + config.EnvClientSecret
	case atlas.AccessToken:
		return config.EnvAccessToken + " (it lives for an hour)"
	default:
		return config.EnvPublicKey + " and " + config.EnvPrivateKey
	}
}

// maxUnknownVariables is how many variables are named that have no effect.
const maxUnknownVariables = 20

// warnUnknown names the variables that have no effect, and never their values.
func warnUnknown(unknown []config.UnknownVariable, logger *slog.Logger) {
	for i, u := range unknown {
		if i == maxUnknownVariables {
			logger.Warn("more variables have no effect: --help lists those that have", slog.Int("variables", len(unknown)-i))
			return
		}
		advice := "--help lists the variables"
		if u.Nearest != "" {
			advice = "did you mean " + u.Nearest + "?"
		}
		logger.Warn("a variable has no effect: no setting has this name", slog.String("variable", u.Name), slog.String("advice", advice))
	}
}
