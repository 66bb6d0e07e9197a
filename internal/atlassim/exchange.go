package atlassim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exchange is one request on its way to an answer.
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
	notice      []field // of the end of what was asked for
	extra       string  // further parameters in the links of a list
	caller      *account
	project     *project
	// The sunset of the serverless API, at one moment for the whole request.
	retired, retiredAs404 bool
}

// arguments are the values of the braces in a route.
type arguments struct{ groupID, clusterName, restoreJobID, snapshotID string }

// answer leads a request through the gates that the package comment lists, to its operation.
func (s *Simulator) answer(r *http.Request, now time.Time) answer {
	escaped := r.URL.EscapedPath()
	if isOAuth(r) {
		return s.oauth(r, now)
	}
	x := &exchange{request: r, now: now, path: strings.TrimSuffix(escaped, "/"), base: baseURL(r)}
	if escaped != root && !strings.HasPrefix(escaped, root+"/") {
		return errNoResource(escaped).answer(query{})
	}
	x.route, x.arguments = match(escaped)
	x.retiredAs404 = s.retiredAs404.Load()
	x.retired = s.retired.Load() || x.retiredAs404

	// A project's bucket pays for a 401 too, which only the path can tell. An unknown project has no bucket.
	var limits []field
	if x.route != nil && x.route.set(s).scope == perProject {
		x.project = s.store.projects[x.arguments.groupID]
		if x.project != nil {
			var refused *answer
			if limits, refused = s.takeToken(x, x.project.id); refused != nil {
				return *refused
			}
		}
	}
	caller, refusal := s.authenticate(r, now)
	if caller == nil {
		return refusal
	}
	x.caller = caller
	if x.route == nil {
		return errNoResource(escaped).answer(query{})
	}
	if x.route.set(s).scope == perUser {
		var refused *answer
		if limits, refused = s.takeToken(x, caller.name); refused != nil {
			return *refused
		}
	}
	if x.route.sunset != stays {
		x.notice = serverlessNotice
	}
	a := s.operate(x)
	a.header = append(append(a.header, limits...), x.notice...)
	return a
}

// takeToken pays for a call. It returns the headers that tell what is left, or the 429.
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

// operate answers for a caller who is known, at a path that exists.
func (s *Simulator) operate(x *exchange) answer {
	q, bad := parseQuery(x.request.URL.RawQuery, x.route.list)
	x.query = q
	if m := x.request.Method; m != http.MethodGet && m != http.MethodHead {
		return errMethod("GET, HEAD")
	}
	version, ok := negotiate(x.request.Header["Accept"], x.route.versions)
	if !ok {
		return errVersion().answer(q)
	}
	x.version, x.contentType = version, contentType(version)
	if notice := versionNotices[version]; notice != nil {
		x.notice = notice
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

// check validates the ids of the path and finds the project. Names are only looked up: one that cannot be is one that
// does not exist (inferred).
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
	case args.groupID != "" && !x.caller.sees(args.groupID):
		e = errForbidden() // inferred: USER_UNAUTHORIZED, as where the role is missing
	case x.route.owner && x.caller.role != ProjectOwner:
		e = errForbidden()
	default:
		return nil
	}
	return &e
}

// baseURL is the host that the caller used, so that links lead back to here.
func baseURL(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
