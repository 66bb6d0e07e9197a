package config

import (
	"fmt"
	"strings"

	"atlas-restore-gateway/internal/replica"
	"atlas-restore-gateway/internal/secret"
)

// Variables of secrets, which have no flag.
const (
	EnvReplicaPassword = "GATEWAY_REPLICA_REDIS_PASSWORD"
	EnvReplicaKey      = "GATEWAY_REPLICA_KEY"
)

// secretVariables are the variables of secrets without a flag that begin with GATEWAY_.
var secretVariables = []string{EnvReplicaPassword, EnvReplicaKey}

// Replicas has the settings of what replicas of the gateway share.
type Replicas struct {
	ReplicaRedis             string `help:"URL of the Redis (6.2 or newer) or Valkey by which replicas of the gateway share what they have read, Atlas's budget, the limits of callers, polls and persisted queries; rediss:// uses TLS, and the parameters addr and master_set name further servers and the set of sentinels." unset:"none" placeholder:"URL"`
	ReplicaRedisUsername     string `help:"User name at Redis." unset:"that of the URL" placeholder:"NAME"`
	ReplicaRedisPasswordFile string `help:"File with the password of Redis, which is read again for each connection; or set GATEWAY_REPLICA_REDIS_PASSWORD." placeholder:"FILE"`
	ReplicaRedisCA           string `name:"replica-redis-ca" help:"Authorities of the certificate of Redis, in PEM." unset:"those of the system" placeholder:"FILE"`
	ReplicaPrefix            string `help:"Prefix of all names at Redis, for several gateways at one server." default:"atlas-restore-gateway" placeholder:"TEXT"`
	ReplicaDownloads         bool   `help:"Have replicas share jobs with download URLs, too, sealed like the rest. A URL is a key to a whole backup."`
	ReplicaKeyFile           string `help:"File with the secret that seals what is at Redis, and below it old ones that still read; or set GATEWAY_REPLICA_KEY. All replicas have the same." placeholder:"FILE"`

	// ReplicaPassword and ReplicaKey are those of the environment.
	ReplicaPassword secret.Text `kong:"-"`
	ReplicaKey      secret.Text `kong:"-"`
}

// readSecrets takes the secrets of the environment.
func (r *Replicas) readSecrets(getenv func(string) string) {
	r.ReplicaPassword, r.ReplicaKey = secret.Text(getenv(EnvReplicaPassword)), secret.Text(getenv(EnvReplicaKey))
}

// check returns the mistakes of settings that contradict each other, or have no effect.
func (r *Replicas) check() []error {
	var errs mistakeList
	for _, c := range []struct {
		flag string
		set  bool
	}{
		{"--replica-redis-username", r.ReplicaRedisUsername != ""},
		{"--replica-redis-password-file", r.ReplicaRedisPasswordFile != ""},
		{"--replica-redis-ca", r.ReplicaRedisCA != ""},
		{"--replica-key-file", r.ReplicaKeyFile != ""},
		{"--replica-downloads", r.ReplicaDownloads},
		{EnvReplicaPassword, r.ReplicaPassword != ""},
		{EnvReplicaKey, r.ReplicaKey != ""},
	} {
		errs.addIf(c.set && r.ReplicaRedis == "", "without --replica-redis there is no use for %s", c.flag)
	}
	if r.ReplicaRedis == "" {
		return errs
	}
	if err := replica.CheckURL(r.ReplicaRedis); err != nil {
		errs = append(errs, fmt.Errorf("--replica-redis %w", err))
	}
	errs.addIf(r.ReplicaPrefix == "", "--replica-prefix must not be empty")
	errs.addIf(r.ReplicaKeyFile == "" && r.ReplicaKey == "", "--replica-redis needs --replica-key-file or %s: the secret that "+
		"seals what is stored there (openssl rand -base64 32 writes one)", EnvReplicaKey)
	errs.addIf(r.ReplicaKeyFile != "" && r.ReplicaKey != "",
		"--replica-key-file and %s contradict each other: leave one of them out", EnvReplicaKey)
	errs.addIf(r.ReplicaRedisUsername != "" && r.ReplicaRedisPasswordFile == "" && r.ReplicaPassword == "",
		"without --replica-redis-password-file or %s there is no use for --replica-redis-username", EnvReplicaPassword)
	errs.addIf(r.ReplicaRedisCA != "" && !strings.HasPrefix(r.ReplicaRedis, "rediss:"),
		"--replica-redis-ca is for rediss://, and --replica-redis uses no TLS")
	errs.addIf(r.ReplicaRedisPasswordFile != "" && r.ReplicaPassword != "",
		"--replica-redis-password-file and %s contradict each other: leave one of them out", EnvReplicaPassword)
	return errs
}
