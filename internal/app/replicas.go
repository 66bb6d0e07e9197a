package app

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/config"
	"atlas-restore-gateway/internal/document"
	"atlas-restore-gateway/internal/reload"
	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/restore"
	"atlas-restore-gateway/internal/secret"
)

// newReplicas returns the connection to what replicas share; nil where there is none.
func newReplicas(cfg *config.Config, logger *slog.Logger) (*replica.Redis, error) {
	if cfg.ReplicaRedis == "" {
		return nil, nil //nolint:nilnil // one process needs no other
	}
	c, err := replicaConfig(cfg, logger)
	if err != nil {
		return nil, err
	}
	return replica.New(c)
}

// replicaConfig returns the settings of the connection, with what their files have.
func replicaConfig(cfg *config.Config, logger *slog.Logger) (c replica.Config, err error) {
	c = replica.Config{
		URL: cfg.ReplicaRedis, Username: cfg.ReplicaRedisUsername, Prefix: cfg.ReplicaPrefix, Logger: logger,
	}
	key, name := cfg.ReplicaKey, config.EnvReplicaKey
	if cfg.ReplicaKeyFile != "" {
		if key, err = readSecret(cfg.ReplicaKeyFile); err != nil {
			return c, fmt.Errorf("--replica-key-file: %w", err)
		}
		name = "--replica-key-file " + cfg.ReplicaKeyFile
	}
	if c.Keys, err = replica.ParseKeys(string(key)); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case cfg.ReplicaRedisPasswordFile != "":
		if _, err := readSecret(cfg.ReplicaRedisPasswordFile); err != nil {
			return c, fmt.Errorf("--replica-redis-password-file: %w", err)
		}
		c.Password = func() (secret.Text, error) { return readSecret(cfg.ReplicaRedisPasswordFile) }
	case cfg.ReplicaPassword != "":
		c.Password = func() (secret.Text, error) { return cfg.ReplicaPassword, nil }
	}
	if cfg.ReplicaRedisCA != "" {
		if c.CA, err = readAuthorities(cfg.ReplicaRedisCA); err != nil {
			return c, fmt.Errorf("--replica-redis-ca: %w", err)
		}
	}
	return c, nil
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
		return nil, fmt.Errorf("%s must hold the certificates of authorities, in PEM", path)
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

// replicated is what the clients of one credential share with other replicas; nothing where redis is nil.
type replicated struct {
	redis               *replica.Redis
	baseURL, credential string
}

// results returns the results of calls that replicas share; nil where they share none.
func (r replicated) results(cache restore.CacheSettings, mode restore.ServerlessMode) callcache.Shared {
	if r.redis == nil || cache.Bytes == 0 {
		return nil
	}
	return r.redis.Results(r.baseURL, r.credential, string(mode))
}

// polls returns the polls that replicas share; nil where they share none.
func (r replicated) polls(cache restore.CacheSettings, mode restore.ServerlessMode) restore.SharedPolls {
	if r.redis == nil || cache.Bytes == 0 {
		return nil
	}
	return sharedPolls{r.redis.Polls(r.baseURL, r.credential, string(mode))}
}

// sharedPolls are replica.Polls as restore knows them.
type sharedPolls struct{ replica.Polls }

func (p sharedPolls) Lease(
	ctx context.Context, name []string, interest []byte, ttl time.Duration,
) (restore.PollLease, bool) {
	lease, ok := p.Polls.Lease(ctx, name, interest, ttl)
	return restore.PollLease(lease), ok
}

func (p sharedPolls) Publish(ctx context.Context, name []string, poll restore.PublishedPoll, ttl time.Duration) {
	p.Polls.Publish(ctx, name, replica.PublishedPoll(poll), ttl)
}

// budget returns the function that makes shared buckets; nil where replicas share none. That of a project is the same
// for all credentials; the buckets without a project belong to the credential.
func (r replicated) budget() func(atlas.SharedBucketConfig) atlas.SharedBucket {
	if r.redis == nil {
		return nil
	}
	return func(c atlas.SharedBucketConfig) atlas.SharedBucket {
		owner := "project " + c.Project
		if c.Project == "" {
			owner = "credential " + r.credential
		}
		return r.redis.Bucket(replica.BucketConfig{
			Reserve: c.Reserve,
			Read:    func() replica.BucketState { return replica.BucketState(c.Read()) },
			Learn:   func(s replica.BucketState) { c.Learn(atlas.BucketState(s)) },
		}, "atlas", r.baseURL, c.EndpointSet, owner)
	}
}

// quotas returns the function that makes the quotas of callers that replicas share.
func quotas(redis *replica.Redis) func(authz.SharedQuotaConfig) authz.SharedQuota {
	return func(c authz.SharedQuotaConfig) authz.SharedQuota {
		capacity := float64(c.PerMinute)
		return redis.Bucket(replica.BucketConfig{
			Read: func() replica.BucketState {
				return replica.BucketState{Capacity: capacity, PerSecond: capacity / 60, Tokens: c.Read()}
			},
			Learn: func(s replica.BucketState) { c.Learn(s.Tokens) },
		}, "caller", c.Name, strconv.Itoa(c.PerMinute), c.Caller)
	}
}
