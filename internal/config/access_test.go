package config

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/authz"
)

func TestAccess_hasAVariableForEachFlag(t *testing.T) {
	c, err := parse(nil, map[string]string{
		EnvAccessToken: "t", "GATEWAY_AUTH": "oidc, token,router,none",
		"GATEWAY_SERVE_EVERYONE_WITHOUT_AUTHENTICATION": "true", "GATEWAY_POLICY": "p", "GATEWAY_TOKEN_FILE": "t",
		"GATEWAY_OIDC_ISSUER": "https://i", "GATEWAY_OIDC_AUDIENCE": "a,b", "GATEWAY_OIDC_ALGORITHMS": "RS256, ES256",
		"GATEWAY_OIDC_CLOCK_SKEW": "1m",
		"GATEWAY_ROUTER_FILE":     "r", "GATEWAY_ROUTER_TLS_NAMES": "n,m", "GATEWAY_ROUTER_FROM": "10.1.2.3/8, fd00::/8",
		"GATEWAY_PASSTHROUGH_TOKENS": "7",
		"GATEWAY_TLS_CERT":           "c", "GATEWAY_TLS_KEY": "k", "GATEWAY_TLS_CLIENT_CA": "ca", "GATEWAY_AUDIT_LOG": "log",
		"GATEWAY_OIDC_CLIENT_ID": "console", "GATEWAY_OIDC_SCOPES": "openid, api",
		"GATEWAY_CALLER_REQUESTS": "8", "GATEWAY_CALLER_CALLS": "9",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Access{
		Auth: "oidc, token,router,none", ServeEveryone: true, Policy: "p", TokenFile: "t", OIDCIssuer: "https://i",
		OIDCAudience: "a,b", OIDCAlgorithms: "RS256, ES256", OIDCClockSkew: time.Minute,
		OIDCClientID: "console", OIDCScopes: "openid, api",
		RouterFile: "r", RouterTLSNames: "n,m", RouterFrom: "10.1.2.3/8, fd00::/8", PassthroughTokens: 7, TLSCert: "c",
		TLSKey: "k", TLSClientCA: "ca", AuditLog: "log", CallerRequests: 8, CallerCalls: 9,
	}
	if diff := cmp.Diff(want, c.Access); diff != "" {
		t.Error(diff)
	}
	for name, lists := range map[string][2]any{
		"methods":   {c.Methods(), []authz.Method{authz.OIDC, authz.Token, authz.Router, authz.None}},
		"audiences": {c.Audiences(), []string{"a", "b"}}, "scopes": {c.Scopes(), []string{"openid", "api"}},
		"algorithms": {c.Algorithms(), []string{"RS256", "ES256"}}, "names": {c.TLSNames(), []string{"n", "m"}},
	} {
		if diff := cmp.Diff(lists[1], lists[0]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := c.RouterNetworks(); len(got) != 2 || got[0] != netip.MustParsePrefix("10.0.0.0/8") {
		t.Errorf("networks %v", got)
	}
}

func TestAccess_isNoneByDefault(t *testing.T) {
	c, err := parse(nil, map[string]string{EnvAccessToken: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]authz.Method{authz.None}, c.Methods()); diff != "" || c.ServeEveryone || c.AuditLog != "-" {
		t.Errorf("%s %+v", diff, c.Access)
	}
}

func TestParse_rejectsSettingsOfAccessThatContradictEachOther(t *testing.T) {
	tests := map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"an unknown method": {args: []string{"--auth=basic"}, want: `not "basic"`},
		"a method twice":    {args: []string{"--auth=token,token"}, want: "names token twice"},
		"no method":         {args: []string{"--auth=,"}, want: `not ""`},
		"no policy": {
			args: []string{"--auth=token", "--token-file=t"}, want: "--auth=token needs --policy",
		},
		"no tokens": {
			args: []string{"--auth=token", "--policy=p"}, want: "--auth=token needs --token-file",
		},
		"no issuer": {
			args: []string{"--auth=oidc", "--policy=p", "--oidc-audience=a"}, want: "--auth=oidc needs --oidc-issuer",
		},
		"no audience": {
			args: []string{"--auth=oidc", "--policy=p", "--oidc-issuer=https://i"}, want: "--auth=oidc needs --oidc-audience",
		},
		"no proof of routers": {
			args: []string{"--auth=router", "--policy=p"}, want: "--auth=router needs --router-file or --router-tls-names",
		},
		"names without authorities": {
			args: []string{"--auth=router", "--policy=p", "--router-tls-names=n"},
			want: "--router-tls-names needs --tls-client-ca",
		},
		"authorities without TLS": {
			args: []string{"--auth=router", "--policy=p", "--router-tls-names=n", "--tls-client-ca=c"},
			want: "without --tls-cert there is no use for --tls-client-ca",
		},
		"a certificate without key": {args: []string{"--tls-cert=c"}, want: "--tls-cert needs --tls-key"},
		"a key without certificate": {
			args: []string{"--tls-key=c"}, want: "without --tls-cert there is no use for --tls-key",
		},
		"authorities without certificates to check": {
			args: []string{"--tls-cert=c", "--tls-key=k", "--tls-client-ca=c"},
			want: "without --router-tls-names there is no use for --tls-client-ca",
		},
		"tokens without their method": {
			args: []string{"--token-file=t"}, want: "without --auth=token there is no use for --token-file",
		},
		"an issuer without its method": {
			args: []string{"--auth=token", "--policy=p", "--token-file=t", "--oidc-issuer=i"},
			want: "without --auth=oidc there is no use for --oidc-issuer",
		},
		"routers without their method": {
			args: []string{"--router-from=10.0.0.0/8"}, want: "without --auth=router there is no use for --router-file",
		},
		"a network that is none": {
			args: []string{"--auth=router", "--router-from=10.0.0.1"}, want: "networks like 10.0.0.0/8",
		},
		"a network in two forms": {
			args: []string{"--auth=router", "--router-from=::ffff:10.0.0.0/104"}, want: "networks like 10.0.0.0/8",
		},
		"an empty name of a router": {
			args: []string{
				"--auth=router", "--policy=p", "--router-tls-names=n,", "--tls-client-ca=c", "--tls-cert=c", "--tls-key=k",
			}, want: "--router-tls-names has an empty entry",
		},
		"an empty audience": {
			args: []string{"--auth=oidc", "--policy=p", "--oidc-issuer=https://i", "--oidc-audience=a,,b"},
			want: "--oidc-audience has an empty entry",
		},
		"an empty algorithm": {
			args: []string{"--auth=oidc", "--policy=p", "--oidc-issuer=https://i", "--oidc-audience=a", "--oidc-algorithms= "},
			want: "--oidc-algorithms has an empty entry",
		},
		"answers to one for all": {
			args: []string{"--auth=token", "--policy=p", "--token-file=t", "--http-cache=public"},
			want: "--http-cache=public and --auth=token contradict each other",
		},
		"answers to some for all": {
			args: []string{"--auth=token,none", "--policy=p", "--token-file=t", "--http-cache=public"},
			want: "--http-cache=public and --auth=token,none contradict each other",
		},
		"answers of Atlas's for all": {
			args: []string{"--auth=passthrough", "--http-cache=public"},
			want: "--http-cache=public and --auth=passthrough contradict each other",
		},
		"passthrough and others": {args: []string{"--auth=passthrough,none"}, want: "stands alone"},
		"everyone, and who": {
			args: []string{"--auth=token", "--policy=p", "--token-file=t", "--serve-everyone-without-authentication"},
			want: "contradict each other",
		},
		"too much skew": {
			args: []string{"--oidc-clock-skew=1h"}, want: "--oidc-clock-skew must be from 0s to 5m0s",
		},
		"no passthrough clients":  {args: []string{"--passthrough-tokens=0"}, want: "--passthrough-tokens"},
		"negative requests":       {args: []string{"--caller-requests=-1"}, want: "--caller-requests"},
		"negative calls":          {args: []string{"--caller-calls=-1"}, want: "--caller-calls"},
		"an audit log of no name": {args: []string{"--audit-log="}, want: "--audit-log must name a file"},
		"demo and credentials": {
			args: []string{"--demo", "--atlas-credentials=c"}, want: "leave out --demo or --atlas-credentials",
		},
		"demo and passthrough": {
			args: []string{"--demo", "--auth=passthrough"}, want: "leave out --demo or --auth=passthrough",
		},
		"passthrough and credentials": {
			args: []string{"--auth=passthrough", "--atlas-credentials=c"}, want: "the gateway holds no credential",
		},
		"passthrough and a credential": {
			args: []string{"--auth=passthrough"}, env: map[string]string{EnvAccessToken: "hunter2"},
			want: "--auth=passthrough takes no credential from the environment: unset " + EnvAccessToken,
		},
		"two sorts of credentials": {
			args: []string{"--atlas-credentials=c"}, env: map[string]string{EnvAccessToken: "hunter2"},
			want: "--atlas-credentials takes no credential from the environment",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(tt.args, tt.env)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			checkLine(t, err, "hunter2")
		})
	}
	for name, args := range map[string][]string{
		"passthrough": {"--auth=passthrough"}, "several credentials": {"--atlas-credentials=c"},
		"demo for tokens":                        {"--demo", "--auth=token", "--token-file=t", "--policy=p"},
		"answers for all without authentication": {"--demo", "--auth=none", "--http-cache=public"},
		"a policy without authentication":        {"--demo", "--policy=p"},
		"a policy of Atlas's":                    {"--auth=passthrough", "--policy=p"},
	} {
		if c, err := parse(args, nil); err != nil || c.Credential != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
