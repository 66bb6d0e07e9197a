package atlas

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestScrub_removesSecretsAndKeepsWords(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"words": {text: "No cluster named orders exists.", want: "No cluster named orders exists."},
		"a documentation URL": {
			text: "See https://www.mongodb.com/docs/atlas/reference/api-errors/#codes.",
			want: "See https://www.mongodb.com/docs/atlas/reference/api-errors/#codes.",
		},
		"a query": {
			text: "GET https://s3.example.com/b/k?X-Amz-Signature=abc failed",
			want: "GET https://s3.example.com/[redacted] failed",
		},
		"a download URL": {
			text: "at https://restore-6a5d.example.net:27017/hao6VUyQaaCzWZPp6qSFMRg8/restore-6a5d.tar.gz, now",
			want: "at https://restore-6a5d.example.net:27017/[redacted], now",
		},
		"a user": {
			text: "mongodb+srv://admin:hunter2@c0.example.net/db", want: "mongodb+srv://c0.example.net/[redacted]",
		},
		"a fragment of OAuth": {text: "https://x.example/cb#access_token=abc", want: "https://x.example/[redacted]"},
		"a URL that is none":  {text: "https://u:hunter2@[x/%zz", want: "https://[redacted]"},
		"two URLs": {
			text: "https://a.example/x?y (https://b.example/z?y)",
			want: "https://a.example/[redacted] (https://b.example/[redacted])",
		},
		"a scheme in capitals": {text: "HTTPS://a.example/x?y", want: "HTTPS://a.example/[redacted]"},
		"a bearer token":       {text: "Authorization: Bearer abcdefghijklmnop1", want: "Authorization: Bearer [redacted]"},
		"a basic credential":   {text: "got basic dXNlcjpodW50ZXIyMg==", want: "got basic [redacted]"},
		"basic as a word":      {text: "Basic authentication is off", want: "Basic authentication is off"},
		"a JWT":                {text: "token eyJhbGciOi.eyJzdWIiOi.c2ln is bad", want: "token [redacted] is bad"},
		"a service account":    {text: "mdb_sa_sk_Zm9vYmFy of mdb_sa_id_6712", want: "[redacted] of mdb_sa_id_6712"},
		"a name":               {text: `client_secret=hunter2&x=1`, want: `client_secret=[redacted]&x=1`},
		"a name in JSON":       {text: `{"password":"hunter2","x":1}`, want: `{"password":[redacted],"x":1}`},
		"a name and a word":    {text: "Invalid token: expired", want: "Invalid token: expired"},
		"a digest":             {text: `Digest username="u", nonce="n1", response="r1"`, want: `Digest [redacted]`},
		"a part of a digest": {
			text: `username="u", nonce="n1", response="r1"`, want: `username="u", nonce=[redacted], response=[redacted]`,
		},
		"a cookie": {
			text: `malformed MIME header: "Cookie: sid=1234567"`, want: `malformed MIME header: "Cookie: [redacted]"`,
		},
		"a key": {
			text: "x -----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY----- y", want: "x [redacted] y",
		},
		"a name in the headers": {text: "X-Api-Key: k1 and more", want: "X-Api-Key: [redacted] and more"},
	}
	for name, tt := range tests {
		if got := Scrub(tt.text); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if got := Scrub(Scrub(tt.text)); got != tt.want {
			t.Errorf("%s, twice: got %q", name, got)
		}
	}
}

func TestScrub_isBounded(t *testing.T) {
	got := Scrub(strings.Repeat("ä", maxTextBytes))
	if len(got) > maxTextBytes+len("…") || !strings.HasSuffix(got, "ä…") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-8:])
	}
}

func TestError_hasNoSecretInAnyField(t *testing.T) {
	const body = `{"error":404,"errorCode":"JOB_NOT_FOUND","reason":"no https://a.example/x?s3cr3t=1","detail":"key ` +
		`k3y-of-ours, https://a.example/x?s3cr3t=1",` +
		`"parameters":[1.50,null,"k3y-of-ours",{"https:\/\/a.example\/x?s3cr3t=1":["https:\u002f/a.example/x?s3cr3t=1"]}],` +
		`"badRequestDetail":{"fields":[{"field":"k3y-of-ours","description":"https://a.example/x?s3cr3t=1"}]}}`
	synctest.Test(t, func(t *testing.T) {
		var log memoryLog
		c, err := New(AccessToken{Token: "k3y-of-ours"}, log.option(), WithTransport(&script{
			answer: func(int, *http.Request) (*http.Response, error) { return response(404, body), nil },
		}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		e := asError(t, ask(t.Context(), c, testGroup))
		want := &Error{
			Op: e.Op, Status: 404, ErrorCode: "JOB_NOT_FOUND", Reason: "no https://a.example/[redacted]",
			Detail:     "key [redacted], https://a.example/[redacted]",
			Parameters: []byte(`[1.50,null,"[redacted]",{"https://a.example/[redacted]":["https://a.example/[redacted]"]}]`),
			Fields:     []FieldError{{Field: "[redacted]", Description: "https://a.example/[redacted]"}},
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Error(diff)
		}
	})
}

// Errors of net/http can repeat parts of a response.
func TestError_scrubsItsCause(t *testing.T) {
	e := &Error{
		Op: "x", Kind: KindUnavailable,
		Err: errors.New(`malformed MIME header line: "Location https://a.example/x?s3cr3t=1"`),
	}
	if text := e.Error(); strings.Contains(text, "s3cr3t") || !strings.Contains(text, "malformed MIME header") {
		t.Error(text)
	}
	synctest.Test(t, func(t *testing.T) {
		var log memoryLog
		s := &script{answer: func(int, *http.Request) (*http.Response, error) { return nil, e.Err }}
		_ = asError(t, ask(t.Context(), s.client(t, log.option()), testGroup))
		if len(log.with("malformed MIME header")) == 0 || len(log.with("s3cr3t")) != 0 {
			t.Errorf("the log has %q", log.lines)
		}
	})
}

func FuzzScrub(f *testing.F) {
	f.Add("see", "now")
	f.Add("token=", "&x")
	f.Add("https://u:p@", "\"/")
	f.Add("-.Authorization: Basic", "eyJhbGciOi.")
	f.Fuzz(func(t *testing.T, before, behind string) {
		before, behind = before[:min(len(before), 500)], behind[:min(len(behind), 500)]
		text := Scrub(before + " https://a.example/x?s3cr3t=1 " + behind)
		if strings.Contains(text, "s3cr3t") && !strings.Contains(before+behind, "s3cr3t") {
			t.Fatalf("%q", text)
		}
	})
}
