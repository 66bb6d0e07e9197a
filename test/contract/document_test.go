package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// sdkModule is where both the SDK and the document come from, so that the two are of one release.
const sdkModule = "go.mongodb.org/atlas-sdk/v20250312020"

// document is the official OpenAPI document of the Atlas Administration API v2.
type document struct {
	*openapi3.T
	router   routers.Router
	apiError *openapi3.Schema
	byID     map[string]documented
}

// documented is an operation of the document, with its path and method.
type documented struct {
	*openapi3.Operation
	method, path string
}

// officialDocument loads the document once for all tests.
func officialDocument(t *testing.T) *document {
	t.Helper()
	d, err := loadDocument()
	if err != nil {
		t.Fatalf("the official OpenAPI document: %v", err)
	}
	return d
}

var loadDocument = sync.OnceValues(func() (*document, error) {
	out, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", sdkModule).Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return nil, errors.New("the module is not in the module cache; go mod download brings it")
	}
	// The document as a whole is not validated: it has patterns with look-ahead, which Go's regular expressions do not
	// know, and paths that differ only in the name of a placeholder. Neither touches the operations at hand.
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, "openapi", "atlas-api.yaml"))
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // the paths count here, not the host
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	apiError := doc.Components.Schemas["ApiError"]
	if apiError == nil {
		return nil, errors.New("there is no schema ApiError")
	}
	d := &document{T: doc, router: router, apiError: apiError.Value, byID: map[string]documented{}}
	d.each(func(path, method string, op *openapi3.Operation) {
		d.byID[op.OperationID] = documented{Operation: op, method: method, path: path}
	})
	return d, nil
})

// route finds the operation of a request. Where the path is known and the method is not, it is the path's GET and
// known is false: there is something to name in a finding, and nothing to check against.
func (d *document) route(r *http.Request) (route *routers.Route, arguments map[string]string, known bool, err error) {
	route, arguments, err = d.router.FindRoute(r)
	if !errors.Is(err, routers.ErrMethodNotAllowed) {
		return route, arguments, err == nil, err
	}
	get := r.Clone(r.Context())
	get.Method = http.MethodGet
	route, arguments, err = d.router.FindRoute(get)
	return route, arguments, false, err
}

// each calls yield with every operation, in the order of their paths and methods.
func (d *document) each(yield func(path, method string, op *openapi3.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(d.Paths.Map())) {
		operations := d.Paths.Value(path).Operations()
		for _, method := range slices.Sorted(maps.Keys(operations)) {
			yield(path, method, operations[method])
		}
	}
}

// success is the answer that the document gives for success, with its status.
func success(op *openapi3.Operation) (status string, response *openapi3.Response) {
	for code, ref := range op.Responses.Map() {
		if strings.HasPrefix(code, "2") && (status == "" || code < status) {
			status, response = code, ref.Value
		}
	}
	return status, response
}

// versions are the resource versions that an operation has, oldest first.
func versions(op *openapi3.Operation) []string {
	_, response := success(op)
	if response == nil {
		return nil
	}
	var out []string
	for mediaType := range response.Content {
		if v := versionOf(mediaType); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

// resolve returns the documented version of an answer: the newest one that is not after the requested one.
func resolve(op *openapi3.Operation, asked string) string {
	found := ""
	for _, v := range versions(op) {
		if v <= asked {
			found = v
		}
	}
	return found
}

// versionOf returns 2023-01-01 for application/vnd.atlas.2023-01-01+json, with or without parameters.
func versionOf(mediaType string) string {
	name, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return ""
	}
	version, ok := strings.CutPrefix(name, "application/vnd.atlas.")
	version, isJSON := strings.CutSuffix(version, "+json")
	if !ok || !isJSON {
		return ""
	}
	return version
}
