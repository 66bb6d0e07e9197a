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

func TestAClientIsNotMadeOfUnfitSettings(t *testing.T) {
	good := AccessToken{Token: "t"}
	tests := map[string]struct {
		credential Credential
		opts       []Option
		want       string // "" means that it is made
	}{
		"nothing set":                {good, nil, ""},
		"a loopback base":            {good, []Option{WithBaseURL("http://127.0.0.1:1/x")}, ""},
		"localhost":                  {good, []Option{WithBaseURL("http://localhost:1")}, ""},
		"IPv6 loopback":              {good, []Option{WithBaseURL("http://[::1]:1")}, ""},
		"the government cloud":       {good, []Option{WithBaseURL("https://cloud.mongodbgov.com/")}, ""},
		"no credential":              {nil, nil, "no credential"},
		"half an API key":            {APIKey{PublicKey: "p"}, nil, "public and a private"},
		"half a service account":     {ServiceAccount{ClientSecret: "s"}, nil, "client secret"},
		"an empty token":             {AccessToken{}, nil, "empty"},
		"a token with a line break":  {AccessToken{Token: "a\nb"}, nil, "white space"},
		"plain http across networks": {good, []Option{WithBaseURL("http://cloud.mongodb.com")}, "https"},
		"another scheme":             {good, []Option{WithBaseURL("ftp://x")}, "https://"},
		"no host":                    {good, []Option{WithBaseURL("https://")}, "no host"},
		"a password in the URL":      {good, []Option{WithBaseURL("https://u:hunter2@x")}, "password"},
		"a URL that is none":         {good, []Option{WithBaseURL("https://hunter2 %zz")}, "cannot be parsed"},
		"another version of the API": {good, []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v1.0")}, "end it before /api/, as in https://cloud.mongodb.com"},
		"the oldest API":             {good, []Option{WithBaseURL("https://cloud.mongodb.com/api/public/v1.0/")}, "end it before /api/"},
		"a path into the API":        {good, []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v2/groups")}, "end it before /api/"},
		"the API twice":              {good, []Option{WithBaseURL("https://cloud.mongodb.com/api/atlas/v2/api/atlas/v2")}, "end it before /api/"},
		"the API in capitals":        {good, []Option{WithBaseURL("https://cloud.mongodb.com/API/Atlas/v2")}, "end it before /api/"},
		"a query":                    {good, []Option{WithBaseURL("https://x?a=1")}, "query"},
		"no time":                    {good, []Option{WithTimeout(0)}, "timeout"},
		"too much time":              {good, []Option{WithTimeout(time.Hour)}, "timeout"},
		"no room":                    {good, []Option{WithMaxBodyBytes(10)}, "bytes"},
		"too much room":              {good, []Option{WithMaxBodyBytes(1 << 40)}, "bytes"},
		"no logger":                  {good, []Option{WithLogger(nil)}, "logger"},
		"no transport":               {good, []Option{WithTransport(nil)}, "transport"},
		"nobody who is told":         {good, []Option{WithRequestObserver(nil)}, "observer"},
		"nothing that dials":         {good, []Option{WithDial(nil)}, "connections"},
		"no retries":                 {good, []Option{WithRetries(0)}, ""},
		"fewer than no retries":      {good, []Option{WithRetries(-1)}, "retries"},
		"too many retries":           {good, []Option{WithRetries(MaxRetries + 1)}, "retries"},
		"no breaker":                 {good, []Option{WithBreaker(Breaker{})}, ""},
		"half a breaker":             {good, []Option{WithBreaker(Breaker{Requests: 1})}, "breaker"},
		"a ratio that is none":       {good, []Option{WithBreaker(Breaker{1, math.NaN(), time.Minute, time.Second, 1})}, "ratio"},
		"a ratio above all":          {good, []Option{WithBreaker(Breaker{1, 1.1, time.Minute, time.Second, 1})}, "ratio"},
		"a window too short":         {good, []Option{WithBreaker(Breaker{1, 1, time.Millisecond, time.Second, 1})}, "window"},
		"never open":                 {good, []Option{WithBreaker(Breaker{1, 1, time.Minute, 0, 1})}, "open time"},
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

func TestASecretIsNeverShown(t *testing.T) {
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

func TestParseBaseURL_takesWhatPeopleCopy(t *testing.T) {
	tests := map[string]struct{ raw, want string }{
		"as it is":            {raw: "https://cloud.mongodb.com", want: "https://cloud.mongodb.com"},
		"a slash":             {raw: "https://cloud.mongodb.com/", want: "https://cloud.mongodb.com"},
		"the API":             {raw: "https://cloud.mongodb.com/api/atlas/v2", want: "https://cloud.mongodb.com"},
		"the API, a slash":    {raw: "https://cloud.mongodb.com/api/atlas/v2/", want: "https://cloud.mongodb.com"},
		"the API, slashes":    {raw: "https://cloud.mongodb.com//api/atlas/v2//", want: "https://cloud.mongodb.com"},
		"half of it":          {raw: "https://cloud.mongodb.com/api/atlas", want: "https://cloud.mongodb.com"},
		"half of it, a slash": {raw: "https://cloud.mongodbgov.com/api/atlas/", want: "https://cloud.mongodbgov.com"},
		"below a path":        {raw: "https://proxy.example/to%2Fatlas/api/atlas/v2", want: "https://proxy.example/to%2Fatlas"},
		"another API's path":  {raw: "https://proxy.example/api", want: "https://proxy.example/api"},
	}
	for name, tt := range tests {
		u, err := ParseBaseURL(tt.raw)
		if err != nil || u.String() != tt.want {
			t.Errorf("%s: got %v, %v, want %s", name, u, err, tt.want)
		}
	}
}

// Every path, the token endpoint's too, hangs below what is left of the base URL.
func TestClient_asksTheRightPathsWithTheAPIInTheBaseURL(t *testing.T) {
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
