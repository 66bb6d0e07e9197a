package gateway

import (
	"net/url"
	"strings"
	"testing"

	"atlas-restore-gateway/internal/document"
)

func introspecting(c *Config) { c.Introspection = true }

func TestTheSchemaIsReadAndSuggestedOnlyWhereThatIsAllowed(t *testing.T) {
	off, on := newEnv(t), newEnv(t, withConfig(introspecting))
	tests := map[string]struct {
		query    string
		off, on  string // in the answers
		unwanted string // in the answer with introspection off
	}{
		"the schema":             {"{__schema{types{name}}}", "INTROSPECTION_DISABLED", `"name":"Query"`, "Query"},
		"a type":                 {`{__type(name:"Query"){name}}`, "INTROSPECTION_DISABLED", `"name":"Query"`, "Query"},
		"a type by a fragment":   {`{...A} fragment A on Query{...{a:__type(name:"Query"){name}}}`, "INTROSPECTION_DISABLED", `"name":"Query"`, "Query"},
		"the name of a type":     {"{__typename}", `"__typename":"Query"`, `"__typename":"Query"`, "errors"},
		"a field":                {"{serverlesRestoreJob}", "a field is not known", "Did you mean", "serverless"},
		"an argument":            {`{project(groupID:""){id}}`, "an argument is not known", "Did you mean", "groupId"},
		"a missing argument":     {"{project{id}}", "an argument is missing", `\"groupId\"`, "groupId"},
		"a missing selection":    {"{projects}", "lacks its selection", "ProjectConnection", "Connection"},
		"a value":                {`{restoreJobs(groupId:"",states:[RUNNIG]){nodes{id}}}`, "a value does not fit", "RUNNING", "RUNNING"},
		"the type of a variable": {"query($a:RestoreJobStat){__typename}", "a type is not known", `\"RestoreJobStat\"`, "RestoreJob"},
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

// TestWhatAClientSentIsNotRepeated sends a word in every place where a message could
// take it from.
func TestWhatAClientSentIsNotRepeated(t *testing.T) {
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
		"an enumeration":          bodyOf(t, `query($v:[RestoreJobState!]){restoreJobs(groupId:"63f3484e1f3a9b27c6000001",states:$v){nodes{id}}}`, map[string]any{"v": []any{word}}),
		"another enumeration":     bodyOf(t, `query($v:[RestoreJobState!]){restoreJobs(groupId:"63f3484e1f3a9b27c6000001",states:$v){nodes{id}}} #`, map[string]any{"v": []any{"rUnNiNg"}}),
		"another number":          bodyOf(t, `query($v:Int){projects(first:$v){nodes{id}}}`, map[string]any{"v": word}),
		"an object for a scalar":  bodyOf(t, `query($v:Int){projects(first:$v){nodes{id}}}`, map[string]any{"v": map[string]any{word: word}}),
		"a cursor":                bodyOf(t, `{projects(after:"`+word+`"){nodes{id}}}`, nil),
		"an extension":            `{"query":"{__typename}","extensions":{"persistedQuery":{"version":"` + word + `","sha256Hash":"` + word + `"}}}`,
		"a hash":                  `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + word + `"}}}`,
		"an id":                   `{"documentId":"` + word + `"}`,
	}
	for name, introspection := range map[string]bool{"with introspection off": false, "with introspection on": true} {
		e := newEnv(t, withConfig(func(c *Config) { c.Introspection = introspection }))
		for what, body := range bodies {
			if introspection && what == "a field" {
				continue // a name, which the client needs to see what it meant
			}
			r := e.send(t, "POST", "/graphql", body, post)
			if len(r.Errors) == 0 && !strings.Contains(body, `"query":"{__typename}"`) || strings.Contains(r.Raw, word) || strings.Contains(r.Raw, "rUnNiNg") || strings.Contains(r.Raw, codeInternal) {
				t.Errorf("%s, %s: got %s", what, name, r.Raw)
			}
		}
		e.send(t, "GET", "/graphql?query="+word+"&variables="+word+"&"+word, "")
		if strings.Contains(e.log.String(), word) || strings.Contains(e.log.String(), "rUnNiNg") {
			t.Errorf("%s: it stands in the log: %s", name, e.log.String())
		}
	}
}

func TestAMistakeInAVariableSaysWhichOneAndWhere(t *testing.T) {
	e := newEnv(t)
	for _, tt := range []struct {
		query     string
		variables map[string]any
		want      string
	}{
		{"query($a:Int!){projects(first:$a){nodes{id}}}", nil, "the variable $a: must be given"},
		{"query($a:Int!){projects(first:$a){nodes{id}}}", map[string]any{"a": nil}, "the variable $a: cannot be null"},
		{"query($a:Int){projects(first:$a){nodes{id}}}", map[string]any{"a": "x"}, "the variable $a: does not fit its type Int"},
		{`query($a:[ClusterName!]){restoreJobs(groupId:"",clusterNames:$a){nodes{id}}}`, map[string]any{"a": []any{"a", nil}}, "the variable $a[1]: does not fit its type [ClusterName!]"},
		{`query($a:[RestoreJobState!]){restoreJobs(groupId:"",states:$a){nodes{id}}}`, map[string]any{"a": []any{"RUNNING", "x"}}, "the variable $a[1]: does not fit its type [RestoreJobState!]"},
	} {
		r := e.send(t, "POST", "/graphql", bodyOf(t, tt.query, tt.variables), post, asGraphQL)
		if r.Status != 400 || len(r.Errors) != 1 || r.Errors[0].Message != tt.want || r.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("got %d %s, want %q", r.Status, r.Raw, tt.want)
		}
	}
}

// persisted is a request with a hash, and a text where that is not empty.
func persisted(hash, text string) string {
	if text != "" {
		text = `"query":"` + text + `",`
	}
	return `{` + text + `"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`
}

func TestAutomaticPersistedQueriesFollowApollosProtocol(t *testing.T) {
	const text = "{__typename}"
	hash := document.HashOf(text).String()
	e := newEnv(t)
	for _, tt := range []struct {
		name, body string
		status     int // with application/graphql-response+json; 200 else, where it is 400 for a hash
		has        string
	}{
		{"the hash, for the first time", persisted(hash, ""), 400, `"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"`},
		{"a wrong hash with the text", persisted(strings.Repeat("0", 64), text), 400, codeBadRequest},
		{"the hash with the text", persisted(hash, text), 200, `"__typename":"Query"`},
		{"the hash", persisted(hash, ""), 200, `"__typename":"Query"`},
		{"the hash as an id", `{"documentId":"sha256:` + hash + `"}`, 200, `"__typename":"Query"`},
		{"both", `{"documentId":"sha256:` + hash + `","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`, 200, `"__typename":"Query"`},
		{"two different ones", `{"documentId":"x","extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + hash + `"}}}`, 400, codeBadRequest},
		{"another version", `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash + `"}}}`, 400, codeBadRequest},
		{"no hash", `{"extensions":{"persistedQuery":{"version":1}}}`, 400, codeBadRequest},
		{"an extension that is null", `{"query":"{__typename}","extensions":{"persistedQuery":null}}`, 200, "Query"},
		{"an id of a wrong kind", `{"documentId":7}`, 400, `member \"documentId\"`},
	} {
		r := e.send(t, "POST", "/graphql", tt.body, post, asGraphQL)
		if r.Status != tt.status || !strings.Contains(r.Raw, tt.has) {
			t.Errorf("%s: got %d %s", tt.name, r.Status, r.Raw)
		}
	}
	if r := e.send(t, "POST", "/graphql", persisted(strings.Repeat("0", 64), ""), post); r.Status != 200 {
		t.Errorf("to a client of application/json a hash that is not known is %d", r.Status)
	}
	get := "/graphql?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hash+`"}}`)
	if r := e.send(t, "GET", get, ""); r.Status != 200 || !strings.Contains(r.Raw, "Query") {
		t.Errorf("by GET: %d %s", r.Status, r.Raw)
	}
	without := newEnv(t, withConfig(func(c *Config) { c.NoPersistedQueries = true }))
	if r := without.send(t, "POST", "/graphql", persisted(hash, ""), post); !strings.Contains(r.Raw, `"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"`) {
		t.Errorf("switched off: %s", r.Raw)
	}
}

func TestWithAManifestOtherDocumentsAreRefusedOrLogged(t *testing.T) {
	trusted := []document.Trusted{{ID: "GetName", Text: "{__typename}"}}
	enforce := newEnv(t, withConfig(func(c *Config) { c.TrustedDocuments, c.Trust = trusted, document.TrustEnforce }))
	audit := newEnv(t, withConfig(func(c *Config) { c.TrustedDocuments, c.Trust = trusted, document.TrustAudit }))
	const registered, other = `{"documentId":"GetName"}`, `{"query":"{a:__typename}"}`
	for _, e := range []*env{enforce, audit} {
		if r := e.send(t, "POST", "/graphql", registered, post); r.Status != 200 || !strings.Contains(r.Raw, "Query") {
			t.Errorf("what is registered: %d %s", r.Status, r.Raw)
		}
	}
	for _, body := range []string{other, persisted(document.HashOf("{a:__typename}").String(), ""), `{"query":"{"}`} {
		r := enforce.send(t, "POST", "/graphql", body, post)
		if r.Status != 400 || len(r.Errors) != 1 || r.Errors[0].Extensions["code"] != "DOCUMENT_NOT_TRUSTED" {
			t.Errorf("enforced: %d %s", r.Status, r.Raw)
		}
	}
	if r := audit.send(t, "POST", "/graphql", other, post); r.Status != 200 || len(r.Errors) > 0 {
		t.Errorf("audited: %d %s", r.Status, r.Raw)
	}
	if log := audit.log.String(); strings.Count(log, "not in the manifest") != 1 || !strings.Contains(log, document.HashOf("{a:__typename}").String()) {
		t.Errorf("the log says %s", log)
	}
}
