package atlassim

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one request and what is known about it.
type exchange struct {
	request     *http.Request
	now         time.Time
	base        string // scheme and host of the request, for links
	path        string // as sent
	route       *route
	arguments   arguments
	query       query
	version     string // of the resource
	contentType string
	deprecation []field // headers that announce the end of the operation or version
	extra       string  // further parameters in the links of a list
	caller      *account
	project     *project
	// The sunset of the serverless API, read once for the whole request.
	retired, retiredAs404 bool
}

// arguments are the values of the placeholders in a route.
type arguments struct{ groupID, clusterName, restoreJobID, snapshotID string }

// answer answers a request, by the steps in the package comment.
func (s *Simulator) answer(r *http.Request, now time.Time) answer {
	if r.Method == http.MethodPost || r.Method == http.MethodDelete {
		s.store.mu.Lock()
		defer s.store.mu.Unlock()
	} else {
		s.store.mu.RLock()
		defer s.store.mu.RUnlock()
	}
	escaped := r.URL.EscapedPath()
	if isOAuth(r) {
		return s.oauth(r, now)
	}
	x := &exchange{request: r, now: now, path: strings.TrimSuffix(escaped, "/"), base: baseURL(r)}
	if escaped != apiRoot && !strings.HasPrefix(escaped, apiRoot+"/") {
		return errNoResource(escaped).answer(query{})
	}
	x.route, x.arguments = match(r.Method, escaped)
	x.retiredAs404 = s.retiredAs404.Load()
	x.retired = s.retired.Load() || x.retiredAs404

	// A 401 takes a token from the bucket of the project in the path, too. An unknown project has no bucket.
	var limits []field
	if x.route != nil && x.route.set(s).scope == perProject {
		x.project = s.store.projects[x.arguments.groupID]
		if x.project != nil {
			var rejected *answer
			if limits, rejected = s.takeToken(x, x.project.id); rejected != nil {
				return *rejected
			}
		}
	}
	caller, unauthorized := s.authenticate(r, now)
	if caller == nil {
		return unauthorized
	}
	x.caller = caller
	if x.route == nil {
		return errNoResource(escaped).answer(query{})
	}
	if x.route.set(s).scope == perUser {
		var rejected *answer
		if limits, rejected = s.takeToken(x, caller.name); rejected != nil {
			return *rejected
		}
	}
	if x.route.sunset != stays {
		x.deprecation = serverlessDeprecation
	}
	a := s.operate(x)
	a.header = append(append(a.header, limits...), x.deprecation...)
	return a
}

// takeToken takes a token for a request. It returns the headers with the tokens that are left, or the 429.
func (s *Simulator) takeToken(x *exchange, owner string) ([]field, *answer) {
	set := x.route.set(s)
	got := s.limiter.take(set, owner, x.now)
	limits := []field{
		{"RateLimit-Limit", strconv.Itoa(set.capacity)},
		{"RateLimit-Remaining", strconv.Itoa(got.remaining)},
	}
	if got.ok {
		return limits, nil
	}
	e := errRateLimited(x.path, set, got.wait)
	q, _ := parseQuery(x.request.URL.RawQuery, false)
	a := e.answer(q)
	a.header = append(a.header, limits...)
	a.header = append(a.header, field{"Retry-After", strconv.Itoa(e.parameters[1].(int))})
	return nil, &a
}

// operate answers an authenticated request whose path exists.
func (s *Simulator) operate(x *exchange) answer {
	q, bad := parseQuery(x.request.URL.RawQuery, x.route.list)
	x.query = q
	if !x.route.accepts(x.request.Method) {
		return errMethod(cmp.Or(x.route.method, "GET, HEAD"))
	}
	version, ok := negotiate(x.request.Header["Accept"], x.route.versions)
	if !ok {
		return errVersion().answer(q)
	}
	x.version, x.contentType = version, contentType(version)
	if notice := versionDeprecations[version]; notice != nil {
		x.deprecation = notice
	}
	if x.route.sunset == removed {
		switch {
		case x.retiredAs404:
			return errNoResource(x.path).answer(q)
		case x.retired:
			return errGone(version).answer(q)
		}
	}
	if e := s.check(x); e != nil {
		return e.answer(q)
	}
	if bad != nil {
		return bad.answer(q)
	}
	return x.route.handle(s, x)
}

// check validates the ids of the path and the rights of the caller. A malformed name is one that does not exist
// (inferred).
func (s *Simulator) check(x *exchange) *apiError {
	args := x.arguments
	var e apiError
	switch {
	case args.groupID != "" && !isObjectID(args.groupID):
		e = errGroupID(args.groupID)
	case args.restoreJobID != "" && !isObjectID(args.restoreJobID):
		e = errPathParameter("restoreJobId", args.restoreJobID)
	case args.snapshotID != "" && !isObjectID(args.snapshotID):
		e = errPathParameter("snapshotId", args.snapshotID)
	case args.groupID != "" && x.project == nil:
		e = errNoGroup(args.groupID)
	case args.groupID != "" && !x.caller.mayRead(args.groupID):
		e = errForbidden() // inferred: USER_UNAUTHORIZED, as where the role is missing
	case x.caller.role < x.route.role, x.route.operators != 0 && x.caller.operators()&x.route.operators == 0:
		e = errForbidden()
	default:
		return nil
	}
	return &e
}

// baseURL returns scheme and host of the request, for links.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
