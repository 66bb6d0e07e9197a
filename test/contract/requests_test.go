package contract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// checkRequest returns the operationId of a request, and its differences from the document.
func (d *document) checkRequest(x exchange) (operation string, problems []string) {
	r := x.request
	route, arguments, err := d.router.FindRoute(r)
	if err != nil {
		return "", []string{fmt.Sprintf("%s %s: %v", r.Method, r.URL.EscapedPath(), err)}
	}
	op := route.Operation
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, Route: route, PathParams: arguments,
		Options: &openapi3filter.Options{
			MultiError:                        true,
			SkipSettingDefaults:               true,
			RejectWhenRequestBodyNotSpecified: true,
			AuthenticationFunc:                authenticated(x),
		},
	})
	if err != nil {
		problems = append(problems, firstLine(err))
	}
	for name, values := range r.URL.Query() {
		if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			problems = append(problems, "query parameter "+name+" is not documented")
		}
		if len(values) > 1 {
			problems = append(problems, "query parameter "+name+" stands there more than once")
		}
	}
	if p := checkAccept(op, r.Header); p != "" {
		problems = append(problems, p)
	}
	slices.Sort(problems)
	return op.OperationID, problems
}

// checkAccept wants one media type that asks for a version which the operation has, or a later date.
func checkAccept(op *openapi3.Operation, header http.Header) string {
	accept := header.Values("Accept")
	if len(accept) != 1 {
		return fmt.Sprintf("there are %d Accept headers", len(accept))
	}
	asked := versionOf(accept[0])
	switch {
	case asked == "":
		return "Accept " + accept[0] + " names no version"
	case resolve(op, asked) == "":
		return fmt.Sprintf("Accept asks for %s, and the operation has %s", asked, strings.Join(versions(op), ", "))
	}
	return ""
}

// authenticated accepts a credential of a kind that the document names for the operation. A request without any is
// right when it was answered by the challenge: HTTP Digest begins like that.
func authenticated(x exchange) openapi3filter.AuthenticationFunc {
	return func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
		scheme, _, _ := strings.Cut(x.request.Header.Get("Authorization"), " ")
		switch {
		case in.SecurityScheme.Type == "oauth2" && scheme == "Bearer",
			in.SecurityScheme.Type == "http" && strings.EqualFold(in.SecurityScheme.Scheme, scheme):
			return nil
		case scheme == "" && strings.HasPrefix(x.header.Get("WWW-Authenticate"), "Digest "):
			return nil
		}
		return errors.New("no credential of that kind")
	}
}
