package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/replica"
)

// diagnoseTimeout bounds each check.
const diagnoseTimeout = 15 * time.Second

// finding is what a check has seen.
type finding struct {
	Check  string `json:"check"` // what was checked
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"` // what to do, where it failed
}

// diagnose checks what a gateway with these settings needs: Atlas, the OpenID provider and Redis. It only reads. It prints
// a table or, with --json, an array, and returns an error where a check failed.
func diagnose(ctx context.Context, args, environ []string, stdout io.Writer) error {
	n := len(args)
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "--json" })
	asJSON := len(args) < n
	cfg, err := config.Parse(args, environ, stdout)
	if err != nil {
		return err
	}
	findings, err := findingsOf(ctx, cfg, config.Getenv(environ))
	if err != nil {
		return err
	}
	if err := printFindings(stdout, findings, asJSON); err != nil {
		return err
	}
	failed := 0
	for _, f := range findings {
		if !f.OK {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed: see their advice", failed, len(findings))
	}
	return nil
}

// findingsOf makes all checks that the settings ask for.
func findingsOf(ctx context.Context, cfg *config.Config, getenv func(string) string) ([]finding, error) {
	logger := slog.New(slog.DiscardHandler)
	target, err := startTarget(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer target.Close()
	upstreams, err := newUpstreams(cfg, target, getenv, nil, nil, logger)
	if err != nil {
		return nil, err
	}
	defer upstreams.Close()
	actors, err := newActors(cfg, target, getenv, upstreams, nil, nil, logger)
	if err != nil {
		return nil, err
	}
	defer actors.Close()
	cfg.AuditLog = "-" // a file would be made
	auth, err := newAuth(cfg, upstreams.Projects, nil, io.Discard, logger)
	if err != nil {
		return nil, err
	}
	defer auth.Close()
	checked := func(check string, advice func(error) string, run func(context.Context) (string, error)) finding {
		ctx, cancel := context.WithTimeout(ctx, diagnoseTimeout)
		defer cancel()
		detail, err := run(ctx)
		if err != nil {
			return finding{Check: check, Detail: err.Error(), Advice: advice(err)}
		}
		return finding{Check: check, OK: true, Detail: detail}
	}
	var all []finding
	for _, c := range append(upstreams.Checks(), actors.Checks()...) {
		all = append(all, checked("atlas: "+c.name, c.advice, func(ctx context.Context) (string, error) {
			start := time.Now()
			if _, err := c.client.GetSystemStatus(ctx); err != nil {
				return "", err
			}
			return fmt.Sprintf("%s accepts it, in %s", c.client.BaseURL(), time.Since(start).Round(time.Millisecond)), nil
		}))
	}
	if auth.oidc != nil {
		all = append(all, checked("openid provider", func(error) string {
			return "check --oidc-issuer, and that this machine reaches the provider"
		}, func(ctx context.Context) (string, error) {
			return cfg.OIDCIssuer + " has keys", auth.oidc.Check(ctx)
		}))
	}
	if cfg.ReplicaRedis != "" {
		c, err := replicaConfig(cfg, logger)
		if err != nil {
			return nil, err
		}
		all = append(all, checked("redis", adviceOfRedis, func(ctx context.Context) (string, error) { return describeRedis(ctx, c) }))
	}
	if len(all) == 0 {
		return nil, errors.New("there is nothing to check: with --auth=passthrough each caller brings a credential, " +
			"and neither --oidc-issuer nor --replica-redis is set")
	}
	return all, nil
}

// describeRedis connects to Redis, and says what is there.
func describeRedis(ctx context.Context, c replica.Config) (string, error) {
	d, err := replica.Diagnose(ctx, c)
	if err != nil {
		return "", err
	}
	detail := fmt.Sprintf("version %s answers in %s, its clock is %s off, %d live replicas", d.Version,
		d.RoundTrip.Round(10*time.Microsecond), d.ClockOffset.Round(time.Millisecond), d.Replicas)
	if d.MaxMemory == 0 {
		return detail + "; maxmemory is not set", nil
	}
	return fmt.Sprintf("%s; %d of %d MiB are used, %s", detail, d.UsedMemory>>20, d.MaxMemory>>20, d.Policy), nil
}

// adviceOfRedis says what to do when Redis cannot be used.
func adviceOfRedis(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, "WRONGPASS"), strings.Contains(text, "NOAUTH"):
		return "check --replica-redis-username and the password"
	case strings.Contains(text, "NOPERM"):
		return "the user of Redis needs other rights: docs/operations.md has them"
	case strings.Contains(text, "certificate"), strings.Contains(text, "tls:"):
		return "check --replica-redis-ca, and that rediss:// and the server's TLS go together"
	default:
		return "check --replica-redis, and that this machine reaches the server; without it each replica goes on by itself"
	}
}

// printFindings prints a table, or an array.
func printFindings(w io.Writer, all []finding, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(all)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range all {
		result := "ok"
		if !f.OK {
			result = "FAILED"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Check, result, f.Detail)
		if f.Advice != "" {
			fmt.Fprintf(table, "\t\t→ %s\n", f.Advice)
		}
	}
	return table.Flush()
}
