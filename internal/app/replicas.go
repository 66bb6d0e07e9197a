package app

import (
	"crypto/x509"
	"fmt"
	"log/slog"
	"strings"

	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/secret"
)

// newReplicas returns the connection to what replicas share; nil where there is none.
func newReplicas(cfg *config.Config, logger *slog.Logger) (*replica.Redis, error) {
	if cfg.ReplicaRedis == "" {
		return nil, nil //nolint:nilnil // one process needs no other
	}
	c := replica.Config{
		URL: cfg.ReplicaRedis, Username: cfg.ReplicaRedisUsername, Prefix: cfg.ReplicaPrefix, Logger: logger,
	}
	key, name := cfg.ReplicaKey, config.EnvReplicaKey
	if cfg.ReplicaKeyFile != "" {
		var err error
		if key, err = readSecret(cfg.ReplicaKeyFile); err != nil {
			return nil, fmt.Errorf("--replica-key-file: %w", err)
		}
		name = "--replica-key-file " + cfg.ReplicaKeyFile
	}
	var err error
	if c.Keys, err = replica.ParseKeys(string(key)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case cfg.ReplicaRedisPasswordFile != "":
		if _, err := readSecret(cfg.ReplicaRedisPasswordFile); err != nil {
			return nil, fmt.Errorf("--replica-redis-password-file: %w", err)
		}
		c.Password = func() (secret.Text, error) { return readSecret(cfg.ReplicaRedisPasswordFile) }
	case cfg.ReplicaPassword != "":
		c.Password = func() (secret.Text, error) { return cfg.ReplicaPassword, nil }
	}
	if cfg.ReplicaRedisCA != "" {
		if c.CA, err = readAuthorities(cfg.ReplicaRedisCA); err != nil {
			return nil, fmt.Errorf("--replica-redis-ca: %w", err)
		}
	}
	return replica.New(c)
}

// readSecret returns the text of a file without the space around it.
func readSecret(path string) (secret.Text, error) {
	text, err := reload.Read(path)
	if err != nil {
		return "", err
	}
	return secret.Text(strings.TrimSpace(string(text))), nil
}

func readAuthorities(path string) (*x509.CertPool, error) {
	text, err := reload.Read(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", path)
	}
	return pool, nil
}

// sharedTexts returns the texts that replicas share; nil where they share none.
func sharedTexts(redis *replica.Redis) document.SharedTexts {
	if redis == nil {
		return nil
	}
	return redis.Texts()
}
