package atlas

import (
	"net/http"
	"strings"
	"testing"
)

// A value or a typed error; never a panic, never neither.

func FuzzAnErrorAnswer(f *testing.F) {
	f.Add(404, "", []byte(`{"error":404,"errorCode":"CLUSTER_NOT_FOUND","parameters":["a"],"badRequestDetail":{"fields":[{"field":"a"}]}}`))
	f.Add(429, "5", []byte(`{"errorCode":"RATE_LIMITED_TOKEN_BUCKET","parameters":["/p","7"]}`))
	f.Add(502, "Mon, 5 Aug 2024 00:00:00 GMT", []byte(`<html>`))
	f.Add(401, "", []byte(nil))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		e := answerError("op", status, http.Header{"Retry-After": {after}}, body)
		if e == nil || e.Error() == "" || e.RetryAfter < 0 || e.RetryAfter > maxRetryAfter {
			t.Fatalf("got %+v", e)
		}
	})
}

func FuzzAJob(f *testing.F) {
	f.Add([]byte(`{"id":"650000000000000000000001","deliveryUrl":[],"desiredTimestamp":{"date":null,"increment":null,"time":null},"failed":false,"timestamp":"2025-05-04T09:42:00Z","oplogTs":1}`))
	f.Add([]byte(`{"id":null}`))
	f.Add([]byte(` [1]`))
	var answer []byte
	c, err := New(AccessToken{Token: "t"}, WithBudget(false), WithRetries(0), WithBreaker(Breaker{}), WithTransport(roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return response(200, string(answer)), nil
	})))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer = body
		job, err := c.GetServerlessRestoreJob(t.Context(), testGroup, testCluster, testJob)
		switch {
		case err != nil:
			if e := asError(t, err); e.Kind != KindMalformed || job != nil {
				t.Fatalf("got %+v beside %v", job, e)
			}
		case job == nil || job.ID == "":
			t.Fatalf("got %+v", job)
		}
	})
}

func FuzzAList(f *testing.F) {
	for i, op := range operations {
		f.Add(i, false, []byte(op.body(op.example)))
		f.Add(i, true, []byte(`{"status":200,"results":[`+op.example+`,{"id":null}]}`))
	}
	f.Add(0, false, []byte(`{"results":null}`))
	f.Add(3, true, []byte(`{"status":404,"content":{"errorCode":"CLUSTER_NOT_FOUND"}}`))
	f.Add(7, false, []byte(` [1]`))
	var answer []byte
	transport := WithTransport(roundTripperFunc(func(*http.Request) (*http.Response, error) {
		return response(200, string(answer)), nil
	}))
	clients := make(map[bool]*Client)
	for _, envelope := range []bool{false, true} {
		c, err := New(AccessToken{Token: "t"}, transport, WithEnvelope(envelope), WithBudget(false), WithRetries(0), WithBreaker(Breaker{}))
		if err != nil {
			f.Fatal(err)
		}
		clients[envelope] = c
	}
	f.Fuzz(func(t *testing.T, which int, envelope bool, body []byte) {
		op := operations[uint(which)%uint(len(operations))]
		answer = body
		value, err := op.do(t, clients[envelope])
		if err != nil {
			// Only an envelope can make another status of 200.
			if e := asError(t, err); value != nil || e.Op != op.name || e.Kind != KindMalformed && !envelope {
				t.Fatalf("%s: got %+v beside %v", op.name, value, e)
			}
			return
		}
		if value == nil {
			t.Fatalf("%s: neither a value nor an error", op.name)
		}
		for _, one := range op.results(value) {
			if one.(resource).identity() == "" {
				t.Fatalf("%s: got %+v", op.name, one)
			}
		}
	})
}

func FuzzAHeaderDate(f *testing.F) {
	for _, s := range []string{"Mon, 5 Aug 2024 00:00:00 GMT", "@1", "", "x", "Sunday, 06-Nov-94 08:49:37 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if at, ok := parseHTTPDate(value); ok == at.IsZero() && ok {
			t.Fatalf("%q is a date and is none", value)
		}
	})
}

func FuzzAnEnvelope(f *testing.F) {
	f.Add(200, []byte(`{"status":404,"content":{"errorCode":"X"}}`))
	f.Add(200, []byte(`{"status":"COMPLETED","id":"x"}`))
	f.Add(502, []byte(`<html>`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		inner, content := openEnvelope(status, body)
		if inner != status && (inner < 100 || inner > 599) {
			t.Fatalf("the status became %d", inner)
		}
		if len(body) > 0 && len(content) == 0 {
			t.Fatal("the body was lost")
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
