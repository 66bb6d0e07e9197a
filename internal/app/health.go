package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/telemetry"
)

const (
	// healthTimeout bounds the command healthcheck: containers ask every few seconds.
	healthTimeout = 3 * time.Second
	// maxHealthBytes bounds what is shown of an answer.
	maxHealthBytes = 1 << 10
)

// checkHealth asks the gateway that serves on the address of the settings whether it is ready. It returns an error where
// it is not, or does not answer.
func checkHealth(ctx context.Context, args, environ []string, stdout io.Writer) error {
	cfg, err := config.Parse(args, environ, stdout)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // and not localhost: an image from scratch has no /etc/hosts to look it up in
	}
	scheme := "http"
	if cfg.TLSCert != "" {
		scheme = "https"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := scheme + "://" + net.JoinHostPort(host, port) + "/health/ready"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody) //nolint:gosec // of the operator
	if err != nil {
		return err
	}
	// The certificate has the names that clients use, and not localhost. Nothing secret is sent.
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, //nolint:gosec // see above
	}}
	res, err := client.Do(req) //nolint:gosec // to the address of the operator
	if err != nil {
		return fmt.Errorf("no gateway answers at %s: %w (give the flags and variables that it runs with)", url,
			errors.Unwrap(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxHealthBytes))
	if err != nil {
		return fmt.Errorf("the answer of %s ended early: %w", url, err)
	}
	text := strings.TrimSpace(string(body))
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the gateway is not ready: %s %s", res.Status, text)
	}
	_, err = fmt.Fprintln(stdout, text)
	return err
}

// printVersion prints which program this is.
func printVersion(args []string, stdout io.Writer) error {
	if len(args) > 0 {
		return errors.New("use: atlas-restore-gateway version, without arguments")
	}
	b := telemetry.CurrentBuild()
	_, err := fmt.Fprintf(stdout, "atlas-restore-gateway %s\nrevision %s\n%s\n", b.Version, b.Revision, b.Go)
	return err
}
