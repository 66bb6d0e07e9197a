package gateway

import (
	"net/url"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/document"
)

func introspecting(c *Config) { c.Introspection = true }

func TestIntrospection_offHidesTheSchema(t *testing.T) {
	off, on := newEnv(t), newEnv(t, withConfig(introspecting))
	tests := map[string]struct {
		query    string
		off, on  string // in the answers
		unwanted string // in the answer with introspection off
	}{
		"the schema": {
			query: "{__schema{types{name}}}", off: "INTROSPECTION_DISABLED", on: `"name":"Query"`, unwanted: "Query",
		},
		"a type": {
			query: `{__type(name:"Query"){name}}`, off: "INTROSPECTION_DISABLED", on: `"name":"Query"`, unwanted: "Query",
		},
		"a type by a fragment": {
			query: `{...A} fragment A on Query{...{a:__type(name:"Query"){name}}}`, off: "INTROSPECTION_DISABLED",
			on: `"name":"Query"`, unwanted: "Query",
		},
		"the name of a type": {
			query: "{__typename}", off: `"__typename":"Query"`, on: `"__typename":"Query"`, unwanted: "errors",
		},
		"a field": {
			query: "{serverlesRestoreJob}", off: "a field is not known", on: "Did you mean", unwanted: "serverless",
		},
		"an argument": {
			query: `{project(groupID:""){id}}`, off: "an argument is not known", on: "Did you mean", unwanted: "groupId",
		},
		"a missing argument": {
			query: "{project{id}}", off: "an argument is missing", on: `\"groupId\"`, unwanted: "groupId",
		},
		"a missing selection": {
			query: "{projects}", off: "lacks its selection", on: "ProjectConnection", unwanted: "Connection",
		},
		"a value": {
			query: `{restoreJobs(groupId:"",states:[RUNNIG]){nodes{id}}}`, off: "a value does not fit", on: "RUNNING",
			unwanted: "RUNNING",
		},
		"the type of a variable": {
			query: "query($a:RestoreJobStat){__typename}", off: "a type is not known", on: `\"RestoreJobStat\"`,
			unwanted: "RestoreJob",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := off.post(t, tt.query, nil)
			if !strings.Contains(r.Raw, tt.off) || strings.Contains(r.Raw, tt.unwanted) {
				t.Errorf("off: got %s", r.Raw)
			}
			if r = on.post(t, tt.query, nil); !strings.Contains(r.Raw, tt.on) {
				t.Errorf("on: got %s", r.Raw)
			}
		})
	}
}

// TestDocumentErrors_doNotRepeatTheDocument sends a word in every place where a message could
// take it from.
func TestDocumentErrors_doNotRepeatTheDocument(t *testing.T) {
	const word = "hunter2"
	bodies := map[string]string{
		"no JSON":                 `{"query": ` + word,
		"another member":          `{"` + word + `": 1}`,
		"a query of a wrong kind": `{"query":{"` + word + `":1}}`,
		"no document":             bodyOf(t, word, nil),
		"a string in it":          bodyOf(t, `{ a(b: "`+word, nil),
		"a name of an operation":  `{"query":"{__typename}","operationName":"` + word + `"}`,
		"a field":                 bodyOf(t, "{"+word+"}", nil),
		"a value":                 bodyOf(t, `{restoreJobs(groupId:"`+word+`",states:`+word+`){nodes{id}}}`, nil),
		"an argument":             bodyOf(t, `{project(groupId:"`+word+`"){id}}`, nil),
		"a number":                bodyOf(t, `{projects(first:"`+word+`"){nodes{id}}}`, nil),
		"a scalar":                bodyOf(t, `query($v:ObjectID!){project(groupId:$v){id}}`, map[string]any{"v": word}),
		"an enumeration": bodyOf(t,
			`query($v:[RestoreJobState!]){restoreJobs(groupId:"63f3484e1f3a9b27c6000001",states:$v){nodes{id}}}`,
			map[string]any{"v": []any{word}}),
		"another enumeration": bodyOf(t,
			`query($v:[RestoreJobState!]){restoreJobs(groupId:"63f3484e1f3a9b27c6000001",states:$v){nodes{id}}} #`,
			map[string]any{"v": []any{"rUnNiNg"}}),
		"another number": bodyOf(t, `query($v:Int){projects(first:$v){nodes{id}}}`, map[string]any{"v": word}),
		"an object for a scalar": bodyOf(t, `query($v:Int){projects(first:$v){nodes{id}}}`,
			map[string]any{"v": map[string]any{word: word}}),
		"a cursor": bodyOf(t, `{projects(after:"`+word+`"){nodes{id}}}`, nil),
		"an extension": `{"query":"{__typename}","extensions":{"persistedQuery":{"version":"` + word + `","sha256Hash":"` +
			word + `"}}}`,
		"a hash": `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + word + `"}}}`,
		"an id":  `{"documentId":"` + word + `"}`,
	}
	for name, introspection := range map[string]bool{"with introspection off": false, "with introspection on": true} {
		e := newEnv(t, withConfig(func(c *Config) { c.Introspection = introspection }))
		for what, body := range bodies {
			if introspection && what == "a field" {
				continue // a name, which the client needs to see what it meant
			}
			r := e.send(t, "POST", "/graphql", body, post)
			if len(r.Errors) == 0 && !strings.Contains(body, `"query":"{__typename}"`) || strings.Contains(r.Raw, word) ||
				strings.Contains(r.Raw, "rUnNiNg") || strings.Contains(r.Raw, codeInternal) {
				t.Errorf("%s, %s: got %s", what, name, r.Raw)
			}
		}
		e.send(t, "GET", "/graphql?query="+word+"&variables="+word+"&"+word, "")
		if strings.Contains(e.log.String(), word) || strings.Contains(e.log.String(), "rUnNiNg") {
			t.Errorf("%s: it stands in the log: %s", name, e.log.String())
		}
	}
}

func TestVariableErrors_nameTheVariableAndPosition(t *testing.T) {
	e := newEnv(t)
	for _, tt := range []struct {
		query     string
		variables map[string]any
		want      string
	}{
		{query: "query($a:Int!){projects(first:$a){nodes{id}}}", want: "the variable $a: must be given"},
		{
			query: "query($a:Int!){projects(first:$a){nodes{id}}}", variables: map[string]any{"a": nil},
			want: "the variable $a: cannot be null",
		},
		{
			query: "query($a:Int){projects(first:$a){nodes{id}}}", variables: map[string]any{"a": "x"},
			want: "the variable $a: does not fit its type Int",
		},
		{
			query:     `query($a:[ClusterName!]){restoreJobs(groupId:"",clusterNames:$a){nodes{id}}}`,
			variables: map[string]any{"a": []any{"a", nil}}, want: "the variable $a[1]: does not fit its type [ClusterName!]",
		},
		{
			query:     `query($a:[RestoreJobState!]){restoreJobs(groupId:"",states:$a){nodes{id}}}`,
			variables: map[string]any{"a": []any{"RUNNING", "x"}},
			want:      "the variable $a[1]: does not fit its type [RestoreJobState!]",
		},
	} {
		r := e.send(t, "POST", "/graphql", bodyOf(t, tt.query, tt.variables), post, asGraphQL)
		if r.Status != 400 || len(r.Errors) != 1 || r.Errors[0].Message != tt.want ||
			r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("got %d %s, want %q", r.Status, r.Raw, tt.want)
		}
	}
}

// persisted is a request with a hash, and a text where that is not empty.
func hashRequest(hash, text string) string {
	if text != "" {
		text = `"query":"` + text + `",`
	}
	return `{` + text + `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`
}

func TestPersistedQueries_followApollosProtocol(t *testing.T) {
	const text = "{__typename}"
	hash := document.HashOf(text).String()
	e := newEnv(t)
	for _, tt := range []struct {
		name, body string
		status     int // with application/graphql-response+json; 200 else, where it is 400 for a hash
		has        string
	}{
		{
			name: "the hash, for the first time", body: hashRequest(hash, ""), status: 400,
			has: `"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"`,
		},
		{
			name: "a wrong hash with the text", body: hashRequest(strings.Repeat("0", 64), text), status: 400,
			has: codeBadRequest,
		},
		{name: "the hash with the text", body: hashRequest(hash, text), status: 200, has: `"__typename":"Query"`},
		{name: "the hash", body: hashRequest(hash, ""), status: 200, has: `"__typename":"Query"`},
		{name: "the hash as an id", body: `{"documentId":"sha256:` + hash + `"}`, status: 200, has: `"__typename":"Query"`},
		{
			name: "both", body: `{"documentId":"sha256:` + hash +
				`","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`, status: 200,
			has: `"__typename":"Query"`,
		},
		{
			name: "two different ones",
			body: `{"documentId":"x","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`, status: 400,
			has: codeBadRequest,
		},
		{
			name: "another version", body: `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}}`,
			status: 400, has: codeBadRequest,
		},
		{name: "no hash", body: `{"extensions":{"persistedQuery":{"version":1}}}`, status: 400, has: codeBadRequest},
		{
			name: "an extension that is null", body: `{"query":"{__typename}","extensions":{"persistedQuery":null}}`,
			status: 200, has: "Query",
		},
		{name: "an id of a wrong kind", body: `{"documentId":7}`, status: 400, has: `member \"documentId\"`},
	} {
		r := e.send(t, "POST", "/graphql", tt.body, post, asGraphQL)
		if r.Status != tt.status || !strings.Contains(r.Raw, tt.has) {
			t.Errorf("%s: got %d %s", tt.name, r.Status, r.Raw)
		}
	}
	if r := e.send(t, "POST", "/graphql", hashRequest(strings.Repeat("0", 64), ""), post); r.Status != 200 {
		t.Errorf("to a client of application/json a hash that is not known is %d", r.Status)
	}
	get := "/graphql?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`)
	if r := e.send(t, "GET", get, ""); r.Status != 200 || !strings.Contains(r.Raw, "Query") {
		t.Errorf("by GET: %d %s", r.Status, r.Raw)
	}
	without := newEnv(t, withConfig(func(c *Config) { c.NoPersistedQueries = true }))
	if r := without.send(t, "POST", "/graphql", hashRequest(hash, ""), post); !strings.Contains(r.Raw,
		`"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"`) {
		t.Errorf("switched off: %s", r.Raw)
	}
}

func TestTrustedDocuments_rejectOrLogOthers(t *testing.T) {
	trusted := []document.Trusted{{ID: "GetName", Text: "{__typename}"}}
	enforce := newEnv(t, withConfig(func(c *Config) { c.TrustedDocuments, c.Trust = trusted, document.TrustEnforce }))
	audit := newEnv(t, withConfig(func(c *Config) { c.TrustedDocuments, c.Trust = trusted, document.TrustAudit }))
	const registered, other = `{"documentId":"GetName"}`, `{"query":"{a:__typename}"}`
	for _, e := range []*env{enforce, audit} {
		if r := e.send(t, "POST", "/graphql", registered, post); r.Status != 200 || !strings.Contains(r.Raw, "Query") {
			t.Errorf("what is registered: %d %s", r.Status, r.Raw)
		}
	}
	for _, body := range []string{other, hashRequest(document.HashOf("{a:__typename}").String(), ""), `{"query":"{"}`} {
		r := enforce.send(t, "POST", "/graphql", body, post)
		if r.Status != 400 || len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "DOCUMENT_NOT_TRUSTED" {
			t.Errorf("enforced: %d %s", r.Status, r.Raw)
		}
	}
	if r := audit.send(t, "POST", "/graphql", other, post); r.Status != 200 || len(r.Errors) > 0 {
		t.Errorf("audited: %d %s", r.Status, r.Raw)
	}
	if log := audit.log.String(); strings.Count(log, "not in the manifest") != 1 ||
		!strings.Contains(log, document.HashOf("{a:__typename}").String()) {
		t.Errorf("the log says %s", log)
	}
}
