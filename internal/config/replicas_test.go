package config

import (
	"strings"
	"testing"
)

func TestReplicas_readsFlagsAndTheSecretsOfTheEnvironment(t *testing.T) {
	c, err := parse([]string{"--demo", "--replica-redis-username=gateway"}, map[string]string{
		"GATEWAY_REPLICA_REDIS": "rediss://redis.example.com", "GATEWAY_REPLICA_REDIS_CA": "ca.pem",
		"GATEWAY_REPLICA_PREFIX": "shop", EnvReplicaPassword: "p", EnvReplicaKey: "k",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Replicas{
		ReplicaRedis: "rediss://redis.example.com", ReplicaRedisUsername: "gateway", ReplicaRedisCA: "ca.pem",
		ReplicaPrefix: "shop", ReplicaPassword: "p", ReplicaKey: "k",
	}
	if c.Replicas != want || len(c.Unknown) > 0 {
		t.Errorf("got %+v, unknown %v", c.Replicas, c.Unknown)
	}
}

func TestReplicas_rejectsSettingsThatContradictEachOther(t *testing.T) {
	redis := "--replica-redis=redis://r"
	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		want string
	}{
		{name: "no secret", args: []string{redis}, want: "needs --replica-key-file or GATEWAY_REPLICA_KEY"},
		{
			name: "two secrets", args: []string{redis, "--replica-key-file=k"}, env: map[string]string{EnvReplicaKey: "k"},
			want: "--replica-key-file and GATEWAY_REPLICA_KEY contradict each other",
		},
		{
			name: "two passwords", args: []string{redis, "--replica-key-file=k", "--replica-redis-password-file=p"},
			env: map[string]string{EnvReplicaPassword: "p"}, want: "contradict each other",
		},
		{
			name: "a password in the URL", args: []string{"--replica-redis=redis://u:hunter2@r", "--replica-key-file=k"},
			want: "--replica-redis must have no password",
		},
		{name: "no use for a secret", args: []string{"--replica-key-file=k"}, want: "without --replica-redis"},
		{name: "no use for a password", env: map[string]string{EnvReplicaPassword: "p"}, want: "without --replica-redis"},
		{
			name: "a user without a password", args: []string{redis, "--replica-key-file=k", "--replica-redis-username=u"},
			want: "no use for --replica-redis-username",
		},
		{
			name: "authorities without TLS", args: []string{redis, "--replica-key-file=k", "--replica-redis-ca=c"},
			want: "--replica-redis-ca is for rediss://",
		},
		{name: "no prefix", args: []string{redis, "--replica-key-file=k", "--replica-prefix="}, want: "--replica-prefix"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(append([]string{"--demo"}, tt.args...), tt.env)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error is %v, want %q", err, tt.want)
			}
		})
	}
}
