package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// matrixAnswer is an answer to be compared: its data, and the code of its error at each path, as pathOf writes it.
type matrixAnswer struct {
	data   any
	errors map[string]string
}

var earliestMoment = regexp.MustCompile(`"earliest":"[^"]*"`)

func (e *env) matrixAnswer(t *testing.T, query string) matrixAnswer {
	t.Helper()
	r := e.post(t, query, nil)
	text, err := json.Marshal(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	a := matrixAnswer{errors: make(map[string]string)}
	// A restore window goes on with the time.
	text = earliestMoment.ReplaceAll(text, []byte(`"earliest":"a moment"`))
	if err := json.Unmarshal(text, &a.data); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Errors {
		code, _ := e.Extensions["code"].(string)
		at := pathOf(e.Path)
		if other, ok := a.errors[at]; ok && other != code && failureCodes[other] {
			continue // of several errors at one path that of no failure counts, which is a mistake
		}
		a.errors[at] = code
	}
	return a
}

// pathOf writes a path, with a slash behind each step.
func pathOf(path []any) string {
	var b strings.Builder
	for _, step := range path {
		fmt.Fprintf(&b, "%v/", step)
	}
	return b.String()
}

// comparison holds the answer that was given while calls failed against the one that is whole.
type comparison struct {
	failures []string // the paths of the errors that are failures and are not in the whole answer
	mistakes []string
}

// compare returns what is wrong with an answer that was given while calls failed: every value must be that of the whole
// answer, or null or absent with the error of a failure that covers it. allowed is a code that counts as one.
func compare(whole, got matrixAnswer, allowed string) []string {
	c := &comparison{}
	for _, at := range sortedKeys(got.errors) {
		code := got.errors[at]
		switch {
		case whole.errors[at] == code:
		case failureCodes[code] || code == allowed && allowed != "":
			c.failures = append(c.failures, at)
		default:
			c.mistake(at, "the code is %s, which is of no failure", code)
		}
	}
	c.value("", whole.data, got.data)
	for at, code := range whole.errors {
		if _, there := got.errors[at]; !there && !c.isCovered(at) && !c.isIncomplete(at) {
			c.mistake(at, "the error %s is gone", code)
		}
	}
	return c.mistakes
}

// mistake notes what is wrong, once for all elements of a list.
func (c *comparison) mistake(at, format string, args ...any) {
	text := indexInPath.ReplaceAllString(at, "/*/") + ": " + fmt.Sprintf(format, args...)
	if !slices.Contains(c.mistakes, text) {
		c.mistakes = append(c.mistakes, text)
	}
}

var indexInPath = regexp.MustCompile(`/\d+/`)

// brief is a value as a mistake shows it: its kind, where it has parts.
func brief(value any) string {
	switch value := value.(type) {
	case map[string]any:
		return fmt.Sprintf("a %v", value["__typename"])
	case []any:
		return "a list"
	case nil:
		return "null"
	default:
		return fmt.Sprintf("a %T", value)
	}
}

// isCovered reports whether a failure says why the value at this path is null: its path is this one, or leads through
// it, where a null has gone up.
func (c *comparison) isCovered(at string) bool {
	return slices.ContainsFunc(c.failures, func(failed string) bool { return strings.HasPrefix(failed, at) })
}

// isIncomplete reports whether a failure says that the list at this path is not whole: it is one of the list, or of
// something around it.
func (c *comparison) isIncomplete(at string) bool {
	return slices.ContainsFunc(c.failures, func(failed string) bool { return strings.HasPrefix(at, failed) })
}

func (c *comparison) value(at string, want, got any) {
	switch {
	case reflect.DeepEqual(want, got):
		return
	case got == nil:
		if !c.isCovered(at) {
			c.mistake(at, "it is null and there is no error: want %s", brief(want))
		}
		return
	}
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			c.object(at, want, got)
			return
		}
	case []any:
		if got, ok := got.([]any); ok {
			c.list(at, want, got)
			return
		}
	}
	c.mistake(at, "it is %s, want %s, or another one", brief(got), brief(want))
}

// aboutList are the fields of a connection that change with what is in it.
var aboutList = map[string]bool{"pageInfo": true, "estimatedTotalCount": true, "cursor": true, "unread": true}

func (c *comparison) object(at string, want, got map[string]any) {
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range sortedKeys(names) {
		if aboutList[name] && c.isIncomplete(at) || ofWholeSnapshot[name] && got[name] != nil && c.isWithoutParts(at, want) {
			continue
		}
		c.value(at+name+"/", want[name], got[name])
	}
}

// ofWholeSnapshot are the fields of a sharded cluster's snapshot that its two resources do not have in common. Where
// the one of its parts cannot be read they are those of the other.
var ofWholeSnapshot = map[string]bool{"cloudProvider": true, "copyRegions": true, "links": true}

// isWithoutParts reports whether the object is a snapshot whose parts could not be read, and says so.
func (c *comparison) isWithoutParts(at string, want map[string]any) bool {
	return want["members"] != nil && c.isCovered(at+"members/")
}

func (c *comparison) list(at string, want, got []any) {
	left := slices.Clone(want)
	for i, element := range got {
		here := fmt.Sprintf("%s%d/", at, i)
		if element == nil {
			// Where elements may be null they stand in the order in which they were asked for.
			if i >= len(want) || want[i] != nil && !c.isCovered(here) {
				c.mistake(here, "it is null and there is no error")
			}
			continue
		}
		j := slices.IndexFunc(left, func(other any) bool {
			return other != nil && keyOfElement(other) == keyOfElement(element)
		})
		if j < 0 {
			if !c.isIncomplete(at) {
				c.mistake(here, "there is %s that is in no whole answer", brief(element))
			}
			continue
		}
		c.value(here, left[j], element)
		left[j] = nil
	}
	missing := len(want) - len(got)
	if missing > 0 && !c.isIncomplete(at) && !c.isCovered(at) {
		c.mistake(at, "elements are missing and there is no error")
	}
}

// keyOfElement is what an element of a list is known by.
func keyOfElement(element any) string {
	object, ok := element.(map[string]any)
	if !ok {
		return fmt.Sprint(element)
	}
	if node, ok := object["node"]; ok {
		return keyOfElement(node)
	}
	var key []string
	for _, name := range []string{"__typename", "groupId", "clusterName", "id", "name", "replicaSetName", "rel", "key"} {
		if value, ok := object[name]; ok {
			key = append(key, fmt.Sprint(value))
		}
	}
	return strings.Join(key, " ")
}

func TestCompare_findsAFailureReportedAsAnAbsence(t *testing.T) {
	const whole = `{"job":{"id":"a","snapshot":{"members":[{"id":"m"}],"links":[]}},"list":{"nodes":[{"id":"a"},` +
		`{"id":"b"}],"estimatedTotalCount":2}}`
	tests := map[string]struct {
		got     string
		errors  map[string]string
		mistake string // what is found begins with it; "" for nothing
	}{
		"the same": {got: whole},
		"null":     {got: `{"job":null}`, mistake: "job/: it is null and there is no error"},
		"null, NOT_FOUND": {
			got: `{"job":null}`, errors: map[string]string{"job/": codeNotFound}, mistake: "job/: the code is NOT_FOUND",
		},
		"null, a failure":         {got: `{"job":null}`, errors: map[string]string{"job/": codeUpstreamError}},
		"null of a failure below": {got: `{"job":null}`, errors: map[string]string{"job/id/": codeUpstreamError}},
		"null beside a failure": {
			got: `{"job":null}`, errors: map[string]string{"list/": codeUpstreamError},
			mistake: "job/: it is null and there is no error",
		},
		"parts, null": {
			got: `{"job":{"id":"a","snapshot":{"members":null,"links":[]}}}`, mistake: "job/snapshot/members/: it is null",
		},
		"parts, a failure above": {
			got:    `{"job":{"id":"a","snapshot":{"members":null,"links":[]}}}`,
			errors: map[string]string{"job/": codeUpstreamError}, mistake: "job/snapshot/members/: it is null",
		},
		"parts, a failure": {
			got:    `{"job":{"id":"a","snapshot":{"members":null,"links":[{"rel":"self"}]}}}`,
			errors: map[string]string{"job/snapshot/members/": codeUpstreamError},
		},
		"another value": {
			got: `{"job":{"id":"b","snapshot":{"members":[{"id":"m"}],"links":[]}}}`, mistake: "job/id/: it is a string",
		},
		"a shorter list": {
			got: `{"list":{"nodes":[{"id":"b"}],"estimatedTotalCount":2}}`, mistake: "list/nodes/: elements are missing",
		},
		"an empty list": {
			got: `{"list":{"nodes":[],"estimatedTotalCount":0}}`, mistake: "list/estimatedTotalCount/: it is a float64",
		},
		"a list that says so": {
			got:    `{"list":{"nodes":[{"id":"c"}],"estimatedTotalCount":1}}`,
			errors: map[string]string{"list/": codeUpstreamTimeout},
		},
		"a list, NOT_FOUND": {
			got: `{"list":{"nodes":[{"id":"a"}],"estimatedTotalCount":2}}`, errors: map[string]string{"list/": codeNotFound},
			mistake: "list/: the code is NOT_FOUND",
		},
		"a fault of the gateway": {
			got: whole, errors: map[string]string{"job/": codeInternal}, mistake: "job/: the code is INTERNAL_SERVER_ERROR",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var want, got map[string]any
			if err := json.Unmarshal([]byte(whole), &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.got), &got); err != nil {
				t.Fatal(err)
			}
			for name := range want {
				if _, there := got[name]; !there {
					got[name] = want[name]
				}
			}
			mistakes := compare(matrixAnswer{data: want}, matrixAnswer{data: got, errors: tt.errors}, "")
			if len(mistakes) > 0 != (tt.mistake != "") || len(mistakes) > 0 && !strings.HasPrefix(mistakes[0], tt.mistake) {
				t.Errorf("got %q, want %q", mistakes, tt.mistake)
			}
		})
	}
}
