package atlas

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"atlas-restore-gateway/internal/httpclient"
)

// operation is one operation of the Atlas Administration API.
type operation struct {
	name    string // its operationId
	path    string // below /api/atlas/v2, with {placeholders}
	version string // the resource version asked for in Accept
	role    string // that the credential needs in the project, as Atlas calls it; "" for any
	noCount bool   // a list that Atlas does not count

	// Of operations that change something: see action.
	method string   // "" is GET
	roles  []string // of which the credential needs one
}

// changes reports whether the operation changes something.
func (op operation) changes() bool { return op.method != "" }

// The roles of Atlas that operations need (x-rolesRequirements of its OpenAPI document).
const (
	roleReadOnly      = "Project Read Only"
	roleBackupManager = "Project Backup Manager"
	roleOwner         = "Project Owner"
)

// Operation is an operation of the Atlas Administration API that the client uses.
type Operation struct {
	Name    string // its operationId
	Path    string // below /api/atlas/v2, with {placeholders}
	Version string // the resource version asked for in Accept
	Role    string // that the credential needs in the project, as Atlas calls it; "" where any will do
}

var declared []operation

// declare returns an operation that Operations is to have.
func declare(role, version, path, name string) operation {
	op := operation{name: name, path: path, version: version, role: role}
	declared = append(declared, op)
	return op
}

// Operations returns all operations that the client uses to read; see Actions for the others.
func Operations() []Operation {
	all := make([]Operation, len(declared))
	for i, op := range declared {
		all[i] = Operation{Name: op.name, Path: op.path, Version: op.version, Role: op.role}
	}
	return all
}

// single reports whether the operation returns one resource and not a list.
func (op operation) single() bool { return strings.HasSuffix(op.path, "}") }

// errPathSegment is the error of an argument that would not be one segment of the path.
var errPathSegment = errors.New("a path argument is empty or made of dots")

// url returns the URL of a call, with the escaped arguments in the place of the placeholders. Query is
// added to the one that all calls have; it may be empty.
func (c *Client) url(op operation, args []string, query string) (string, error) {
	var b strings.Builder
	b.WriteString(c.base)
	b.WriteString(apiPath)
	rest := op.path
	for _, arg := range args {
		before, after, _ := strings.Cut(rest, "{")
		_, after, _ = strings.Cut(after, "}")
		if strings.Trim(arg, ".") == "" {
			return "", errPathSegment
		}
		b.WriteString(before)
		b.WriteString(url.PathEscape(arg))
		rest = after
	}
	b.WriteString(rest)
	separator := byte('?')
	for _, q := range [...]string{c.commonQuery, query} {
		if q != "" {
			b.WriteByte(separator)
			b.WriteString(q)
			separator = '&'
		}
	}
	return b.String(), nil
}

// get calls the operation and decodes its answer into a T. Every error is an *Error.
func get[T any](ctx context.Context, c *Client, op operation, args ...string) (*T, error) {
	value := new(T)
	if err := call(ctx, c, op, args, "", value); err != nil {
		return nil, err
	}
	return value, nil
}

// call calls the operation with a query of its own, and decodes the answer into value.
func call(ctx context.Context, c *Client, op operation, args []string, query string, value any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	status, header, body, err := c.roundTrip(ctx, op, args, query, nil)
	if err != nil {
		return err
	}
	// Values and errors hold no part of the body.
	defer c.bodies.release(body)
	c.reportDeprecation(ctx, op, header)
	if status != http.StatusOK {
		return c.callError(op, args, status, header, body)
	}
	if err := c.decodeObject(body, value); err != nil {
		return &Error{Op: op.name, Kind: KindMalformed, Status: status, Err: err}
	}
	return nil
}

// callError returns the *Error of a response that is not a success.
func (c *Client) callError(op operation, args []string, status int, header http.Header, body []byte) *Error {
	e := answerError(op.name, status, header, body)
	e.scrub(c.secret)
	switch {
	case status == http.StatusUnauthorized:
		e.Project = op.project(args)
	case status == http.StatusForbidden && e.mayMissRole():
		e.RequiredRoles = op.requiredRoles()
	}
	return e
}

// requiredRoles returns the roles of which the credential needs one; nil where any will do.
func (op operation) requiredRoles() []string {
	if op.role != "" {
		return []string{op.role}
	}
	return op.roles
}

// roundTrip sends the request, which has a body where one is given, and returns the whole response. The context may have
// a callInfo already.
func (c *Client) roundTrip(ctx context.Context,
	op operation, args []string, query string, content []byte) (int, http.Header, []byte, error) {
	target, err := c.url(op, args, query)
	if err != nil {
		return 0, nil, nil, &Error{Op: op.name, Kind: KindMalformed, Err: err}
	}
	if callInfoFrom(ctx) == nil {
		ctx = withCallInfo(ctx, newCallInfo(op, args))
	}
	body := io.Reader(http.NoBody)
	if content != nil {
		body = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(httpclient.WithConnection(ctx), cmp.Or(op.method, http.MethodGet), target, body)
	if err != nil {
		return 0, nil, nil, &Error{Op: op.name, Kind: KindMalformed, Err: errors.New("the request cannot be built")}
	}
	req.Header.Set("Accept", "application/vnd.atlas."+op.version+"+json")
	req.Header.Set("User-Agent", "atlas-restore-gateway")
	if content != nil {
		req.Header.Set("Content-Type", req.Header.Get("Accept"))
	}
	if op.single() || c.isLocal {
		// One resource fits into one packet, compressed or not, and on the same machine the network
		// costs less than compression.
		req.Header.Set("Accept-Encoding", "identity")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, transportError(ctx, op.name, err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header, bodyOf(res), nil
}
