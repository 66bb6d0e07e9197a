package app

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/authn"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/gateway"
	"atlas-restore-gateway/internal/httpserver"
)

// printBanner logs the address and the mode of the gateway, and in demo mode prints pages and queries to try. A log in
// JSON is read by machines and has the one record alone.
func printBanner(w io.Writer,
	cfg *config.Config, logger *slog.Logger, addr net.Addr, target *target, credential string) {
	scheme := "http://"
	if cfg.TLSCert != "" {
		scheme = "https://"
	}
	url := scheme + httpserver.DialAddress(addr) + "/graphql"
	logger.Info("serving", slog.String("url", url), slog.String("mode", string(target.mode)),
		slog.String("atlas", target.baseURL), slog.String("credential", credential), slog.Any("auth", cfg.Methods()))
	warnExposure(cfg, addr, logger)
	if target.mode != gateway.ModeDemo || cfg.LogFormat == "json" || len(target.examples) == 0 {
		return
	}
	first := target.examples[0]
	query := exampleQuery(first)
	body, err := json.Marshal(map[string]string{"query": strings.Join(strings.Fields(query), " ")})
	if err != nil {
		return
	}
	fmt.Fprint(w, `
DEMO: the jobs are made up; no Atlas is asked.
`)
	printPages(w, cfg, strings.TrimSuffix(url, "graphql"))
	fmt.Fprintf(w, `
Ask for one by curl:

  curl %s -H 'Content-Type: application/json' %s-d '%s'

or send this query:

%s
More jobs in project %s; the field restoreJob takes each of them:
`, url, authenticationHeader(cfg), body, query, first.GroupID)
	for _, e := range target.examples {
		if slices.Contains(printedExamples, e.Label) {
			fmt.Fprintf(w, "  %-20s clusterName: %-12q restoreJobId: %q\n", e.Label, e.ClusterName, e.RestoreJobID)
		}
	}
	fmt.Fprintf(w, `
The whole project, over clusters and tiers:

{ restoreJobs(groupId: %q, first: 10) { nodes { id clusterName state servedBy createdAt } unread { clusterName } pageInfo { endCursor } } }

`, first.GroupID)
}

// printPages prints the URLs of the pages.
func printPages(w io.Writer, cfg *config.Config, base string) {
	playground, dashboard := cfg.Playground.IsOn(cfg.Demo), cfg.Dashboard.IsOn(cfg.Demo)
	if !playground && !dashboard {
		return
	}
	fmt.Fprint(w, "\nLook at them in a browser:\n\n")
	if playground {
		fmt.Fprintf(w, "  %s           the playground\n", base)
	}
	if dashboard {
		fmt.Fprintf(w, "  %sdashboard  the dashboard\n", base)
	}
}

// authenticationHeader returns the option of curl that authenticates a caller; empty where callers are not
// authenticated.
func authenticationHeader(cfg *config.Config) string {
	switch {
	case cfg.Has(authz.None):
		return ""
	case cfg.Has(authz.Token), cfg.Has(authz.OIDC):
		return "-H 'Authorization: Bearer …' "
	default:
		return "-H '" + authn.RouterSecretHeader + ": …' "
	}
}

// printedExamples are the labels of the examples that are printed: one for each state and tier.
var printedExamples = []string{
	"succeeded", "running", "ready", "failed", "cancelled", "expired", "pointInTime",
	"flex", "flexReady", "dedicated", "sharded", "migratedToFlex", "migratedToDedicated",
}

func exampleQuery(e atlassim.Example) string {
	return fmt.Sprintf(`{
  serverlessRestoreJob(
    groupId: %q
    clusterName: %q
    restoreJobId: %q
  ) { id state deliveryType snapshotId targetClusterName timestamp finishedAt servedBy }
}
`, e.GroupID, e.ClusterName, e.RestoreJobID)
}
