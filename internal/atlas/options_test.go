package atlas

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestNew_rejectsInvalidSettings(t *testing.T) {
	good := AccessToken{Token: "t"}
	tests := map[string]struct {
		credential Credential
		opts       []Option
		want       string // "" means that it is made
	}{
		"nothing set":     {credential: good, opts: nil, want: ""},
		"a loopback base": {credential: good, opts: []Option{WithBaseURL("http://127.0.0.1:1/x")}, want: ""},
		"localhost":       {credential: good, opts: []Option{WithBaseURL("http://localhost:1")}, want: ""},
		"IPv6 loopback":   {credential: good, opts: []Option{WithBaseURL("http://[::1]:1")}, want: ""},
		"the government cloud": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodbgov.com/")}, want: "",
		},
		"no credential":             {credential: nil, opts: nil, want: "no credential"},
		"half an API key":           {credential: APIKey{PublicKey: "p"}, opts: nil, want: "public and a private"},
		"half a service account":    {credential: ServiceAccount{ClientSecret: "s"}, opts: nil, want: "client secret"},
		"an empty token":            {credential: AccessToken{}, opts: nil, want: "empty"},
		"a token with a line break": {credential: AccessToken{Token: "a\nb"}, opts: nil, want: "white space"},
		"plain http across networks": {
			credential: good, opts: []Option{WithBaseURL("http://cloud.mongodb.com")}, want: "https",
		},
		"another scheme": {credential: good, opts: []Option{WithBaseURL("ftp://x")}, want: "https://"},
		"no host":        {credential: good, opts: []Option{WithBaseURL("https://")}, want: "no host"},
		"a password in the URL": {
			credential: good, opts: []Option{WithBaseURL("https://u:hunter2@x")}, want: "password",
		},
		"a URL that is none": {
			credential: good, opts: []Option{WithBaseURL("https://hunter2 %zz")}, want: "cannot be parsed",
		},
		"another version of the API": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v1.0")},
			want: "end it before /api/, as in https://cloud.mongodb.com",
		},
		"the oldest API": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodb.com/api/public/v1.0/")},
			want: "end it before /api/",
		},
		"a path into the API": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v2/groups")},
			want: "end it before /api/",
		},
		"the API twice": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v2/api/atlas/v2")},
			want: "end it before /api/",
		},
		"the API in capitals": {
			credential: good, opts: []Option{WithBaseURL("https://cloud.mongodb.com/API/Atlas/v2")}, want: "end it before /api/",
		},
		"a query":               {credential: good, opts: []Option{WithBaseURL("https://x?a=1")}, want: "query"},
		"no time":               {credential: good, opts: []Option{WithTimeout(0)}, want: "timeout"},
		"too much time":         {credential: good, opts: []Option{WithTimeout(time.Hour)}, want: "timeout"},
		"no room":               {credential: good, opts: []Option{WithMaxBodyBytes(10)}, want: "bytes"},
		"too much room":         {credential: good, opts: []Option{WithMaxBodyBytes(1 << 40)}, want: "bytes"},
		"no logger":             {credential: good, opts: []Option{WithLogger(nil)}, want: "logger"},
		"no transport":          {credential: good, opts: []Option{WithTransport(nil)}, want: "transport"},
		"nobody who is told":    {credential: good, opts: []Option{WithRequestObserver(nil)}, want: "observer"},
		"nothing that dials":    {credential: good, opts: []Option{WithDial(nil)}, want: "connections"},
		"no retries":            {credential: good, opts: []Option{WithRetries(0)}, want: ""},
		"fewer than no retries": {credential: good, opts: []Option{WithRetries(-1)}, want: "retries"},
		"too many retries":      {credential: good, opts: []Option{WithRetries(MaxRetries + 1)}, want: "retries"},
		"no breaker":            {credential: good, opts: []Option{WithBreaker(Breaker{})}, want: ""},
		"half a breaker":        {credential: good, opts: []Option{WithBreaker(Breaker{Requests: 1})}, want: "breaker"},
		"a ratio that is none": {
			credential: good, opts: []Option{
				WithBreaker(Breaker{Requests: 1, FailureRatio: math.NaN(), Window: time.Minute, OpenFor: time.Second, Probes: 1}),
			}, want: "ratio",
		},
		"a ratio above all": {
			credential: good, opts: []Option{
				WithBreaker(Breaker{Requests: 1, FailureRatio: 1.1, Window: time.Minute, OpenFor: time.Second, Probes: 1}),
			}, want: "ratio",
		},
		"a window too short": {
			credential: good, opts: []Option{
				WithBreaker(Breaker{Requests: 1, FailureRatio: 1, Window: time.Millisecond, OpenFor: time.Second, Probes: 1}),
			}, want: "window",
		},
		"never open": {
			credential: good, opts: []Option{
				WithBreaker(Breaker{Requests: 1, FailureRatio: 1, Window: time.Minute, OpenFor: 0, Probes: 1}),
			}, want: "open time",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := New(tt.credential, tt.opts...)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want something with %q", err, tt.want)
			}
		})
	}
}

func TestCredential_neverShowsItsSecret(t *testing.T) {
	credentials := []Credential{
		APIKey{PublicKey: "p", PrivateKey: "hunter2"},
		ServiceAccount{ClientID: "i", ClientSecret: "hunter2"},
		AccessToken{Token: "hunter2"},
	}
	for _, c := range credentials {
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", slog.Any("credential", c))
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", slog.Any("credential", c))
		marshalled, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		shown := fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c, c) + log.String() + string(marshalled) + c.Kind()
		if strings.Contains(shown, "hunter2") {
			t.Errorf("%T shows its secret: %s", c, shown)
		}
	}
}

func TestParseBaseURL_trimsThePathOfTheAPI(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"as it is":            {raw: "https://cloud.mongodb.com", want: "https://cloud.mongodb.com"},
		"a slash":             {raw: "https://cloud.mongodb.com/", want: "https://cloud.mongodb.com"},
		"the API":             {raw: "https://cloud.mongodb.com/api/atlas/v2", want: "https://cloud.mongodb.com"},
		"the API, a slash":    {raw: "https://cloud.mongodb.com/api/atlas/v2/", want: "https://cloud.mongodb.com"},
		"the API, slashes":    {raw: "https://cloud.mongodb.com//api/atlas/v2//", want: "https://cloud.mongodb.com"},
		"half of it":          {raw: "https://cloud.mongodb.com/api/atlas", want: "https://cloud.mongodb.com"},
		"half of it, a slash": {raw: "https://cloud.mongodbgov.com/api/atlas/", want: "https://cloud.mongodbgov.com"},
		"below a path": {
			raw: "https://proxy.example/to%2Fatlas/api/atlas/v2", want: "https://proxy.example/to%2Fatlas",
		},
		"another API's path": {raw: "https://proxy.example/api", want: "https://proxy.example/api"},
	}
	for name, tt := range tests {
		u, err := ParseBaseURL(tt.raw)
		if err != nil || u.String() != tt.want {
			t.Errorf("%s: got %v, %v, want %s", name, u, err, tt.want)
		}
	}
}

// Every path, the token endpoint's too, hangs below what is left of the base URL.
func TestClient_requestsTheSamePathsWithTheAPIInTheBaseURL(t *testing.T) {
	for _, end := range []string{"", "/", "/api/atlas/v2", "/api/atlas/v2/", "/api/atlas"} {
		sim := accountSimulator()
		server := httptest.NewServer(sim)
		c, err := New(testAccount, WithBaseURL(server.URL+end))
		if err != nil {
			t.Fatal(err)
		}
		mustCall(t, c)
		c.Close()
		server.Close()
		paths := make([]string, 0, 2)
		for _, call := range sim.Calls() {
			paths = append(paths, call.Path)
		}
		if want := []string{"/api/oauth/token", "/api/atlas/v2"}; !slices.Equal(paths, want) || c.BaseURL() != server.URL {
			t.Errorf("%q: asked %q at %s", end, paths, c.BaseURL())
		}
	}
}
