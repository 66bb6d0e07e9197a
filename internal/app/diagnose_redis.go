package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"atlas-restore-gateway/internal/diagnosis"
	"atlas-restore-gateway/internal/replica"
)

// redisChecks returns the checks of Redis: the names and certificates of its servers, and what it says of itself.
func redisChecks(c replica.Config) (checks []diagnosis.Check, err error) {
	addresses, settings, err := replica.Servers(c)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		checks = append(checks, (&diagnosis.Endpoint{
			Setting: "--replica-redis", Address: address, TLS: settings, Trust: "--replica-redis-ca",
		}).Check)
	}
	return append(checks, diagnosis.Single("redis", func(ctx context.Context) (string, error) {
		return describeRedis(ctx, c)
	}, adviceOfRedis)), nil
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
