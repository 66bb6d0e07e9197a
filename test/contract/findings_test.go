package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// kind is the kind of a difference between an answer and the document.
type kind string

const (
	undocumentedStatus kind = "status not documented"
	otherMediaType     kind = "media type not documented"
	otherVersion       kind = "not the newest version up to the asked one"
	otherHeader        kind = "header does not fit"
	silentDeprecation  kind = "deprecated, and the headers do not say so"
	otherEnvelope      kind = "envelope does not fit"
	noBody             kind = "no body"
	noJSON             kind = "no JSON"
	undocumentedField  kind = "field not documented"
	missingField       kind = "required field missing"
	nullField          kind = "null not allowed"
	otherType          kind = "other type"
	outOfEnum          kind = "not in the enumeration"
	outOfPattern       kind = "does not match the pattern"
	outOfFormat        kind = "does not have the format"
	outOfSchema        kind = "does not fit the schema"
)

// finding is one difference between an answer and the document. It is comparable: how often and with which values it
// occurs does not matter.
type finding struct {
	operation string // the operationId
	status    int
	// field is a path inside the resource, such as /desiredTimestamp/date, with * for the places of arrays. In a list
	// it starts at the single result. Empty for what concerns the answer as a whole.
	field string
	kind  kind
}

func (f finding) String() string {
	return fmt.Sprintf("%s %d %s: %s", f.operation, f.status, f.field, f.kind)
}

// exchange is a request and its answer, on the wire of the simulator or in a recording.
type exchange struct {
	request *http.Request // without a body
	status  int
	header  http.Header
	body    []byte
	// recorded exchanges came without the request's header and query.
	recorded bool
}

// oauthPath is below what the document describes by its securitySchemes only.
const oauthPath = "/api/oauth/"

// check compares an answer with the document. It fails only when the request leads to no operation at all.
func (d *document) check(x exchange) (map[finding]string, error) {
	route, arguments, known, err := d.route(x.request)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", x.request.Method, x.request.URL.Path, err)
	}
	c := &checker{x: x, operation: route.Operation.OperationID, found: map[finding]string{}}
	ref := route.Operation.Responses.Status(x.status)
	if !known || ref == nil {
		c.add("", undocumentedStatus, strconv.Itoa(x.status))
	}
	var response *openapi3.Response
	if known && ref != nil {
		response = ref.Value
		c.headers(route, arguments)
	}
	// The recordings are from before and after the day when Atlas began to say so.
	deprecated := x.header.Get("Deprecation") != "" && x.header.Get("Sunset") != ""
	if route.Operation.Deprecated && known && x.status < 300 && !x.recorded && !deprecated {
		c.add("", silentDeprecation, "")
	}
	c.body(d, route.Operation, response)
	return c.found, nil
}

type checker struct {
	x         exchange
	operation string
	found     map[finding]string // with an example in words
}

func (c *checker) add(field string, k kind, example string) {
	f := finding{operation: c.operation, status: c.x.status, field: field, kind: k}
	if _, ok := c.found[f]; !ok {
		c.found[f] = example
	}
}

// headers checks those that the document describes for this status.
func (c *checker) headers(route *routers.Route, arguments map[string]string) {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: c.x.request, Route: route, PathParams: arguments,
		},
		Status: c.x.status, Header: c.x.header, Body: io.NopCloser(bytes.NewReader(nil)),
		Options: &openapi3filter.Options{ExcludeResponseBody: true},
	}
	if err := openapi3filter.ValidateResponse(c.x.request.Context(), input); err != nil {
		c.add("", otherHeader, firstLine(err))
	}
}

// body checks the media type, unwraps the envelope and compares the rest with the schema. response is nil where the
// document does not know the status: an error is then still expected to look like every error.
func (c *checker) body(d *document, op *openapi3.Operation, response *openapi3.Response) {
	var schema *openapi3.Schema
	mediaType, _, _ := mime.ParseMediaType(c.x.header.Get("Content-Type"))
	switch {
	case response != nil && len(response.Content) > 0:
		media := response.Content[mediaType]
		if media == nil {
			if len(c.x.body) == 0 {
				c.add("", noBody, "")
			} else {
				c.add("", otherMediaType, mediaType)
			}
			return
		}
		if media.Schema == nil {
			return
		}
		schema = media.Schema.Value
	case len(c.x.body) == 0:
		return
	case c.x.status >= 400 && mediaType == "application/json":
		schema = d.apiError
	case c.x.status >= 400:
		c.add("", otherMediaType, mediaType)
		return
	default: // nothing is documented, so nothing can be wrong
		return
	}
	if c.x.status < 300 && !c.x.recorded {
		if got := versionOf(c.x.header.Get("Content-Type")); got != resolve(op, askedFor(c.x.request)) {
			c.add("", otherVersion, got)
		}
	}
	if len(c.x.body) == 0 {
		c.add("", noBody, "")
		return
	}
	var value any
	if err := json.Unmarshal(c.x.body, &value); err != nil {
		c.add("", noJSON, err.Error())
		return
	}
	if c.x.request.URL.Query().Get("envelope") == "true" {
		value = c.open(value)
	}
	c.schema(schema, value)
}

// askedFor is the latest date that a request accepts.
func askedFor(r *http.Request) string {
	latest := ""
	for mediaType := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		latest = max(latest, versionOf(mediaType))
	}
	return latest
}

// open takes a value out of the envelope that envelope=true asks for: a list has a member status beside its results,
// everything else becomes {"status":…,"content":…}.
func (c *checker) open(value any) any {
	object, _ := value.(map[string]any)
	if object["status"] != float64(c.x.status) {
		// The 401 that comes from in front of the API knows no envelope.
		if c.x.status != http.StatusUnauthorized {
			c.add("/status", otherEnvelope, fmt.Sprint(object["status"]))
		}
		return value
	}
	if _, isList := object["results"]; isList {
		delete(object, "status")
		return object
	}
	for name := range object {
		if name != "status" && name != "content" {
			c.add("/"+name, otherEnvelope, "")
		}
	}
	return object["content"]
}

// schema compares a value with its schema, and finds members that are not in it: a misspelt name of an optional member
// would be valid otherwise.
func (c *checker) schema(schema *openapi3.Schema, value any) {
	c.violations(schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse()))
	undocumented(schema, value, nil, func(path []string) {
		c.add(fieldName(path), undocumentedField, "")
	})
}

// violations flattens what the library found.
func (c *checker) violations(err error) {
	if err == nil {
		return
	}
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, e := range several {
			c.violations(e)
		}
		return
	}
	var one *openapi3.SchemaError
	if !errors.As(err, &one) {
		c.add("", outOfSchema, firstLine(err))
		return
	}
	if errors.Is(one, openapi3.ErrOneOfConflict) {
		// The value fits several variants at once: a weakness of the document, which does not tell them apart.
		return
	}
	c.add(fieldName(one.JSONPointer()), kindOf(one), one.Reason)
}

func kindOf(e *openapi3.SchemaError) kind {
	switch e.SchemaField {
	case "required":
		return missingField
	case "nullable":
		return nullField
	case "type":
		return otherType
	case "enum":
		return outOfEnum
	case "pattern":
		return outOfPattern
	case "format":
		return outOfFormat
	default:
		return outOfSchema
	}
}

var arrayPlace = regexp.MustCompile(`^[0-9]+$`)

// fieldName writes a path without places in arrays, and a result of a list like a resource by itself.
func fieldName(path []string) string {
	var b strings.Builder
	for _, p := range path {
		if arrayPlace.MatchString(p) {
			p = "*"
		}
		b.WriteString("/" + p)
	}
	return strings.TrimPrefix(b.String(), "/results/*")
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
