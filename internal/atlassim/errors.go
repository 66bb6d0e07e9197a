package atlassim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// apiError is Atlas's error body and the headers that go with it.
type apiError struct {
	status     int
	code       string
	detail     string
	parameters []any
	fields     []fieldViolation
	header     []field
}

// fieldViolation is one entry of badRequestDetail.
type fieldViolation struct{ field, description string }

func newError(status int, code, detail string, parameters ...any) apiError {
	return apiError{status: status, code: code, detail: detail, parameters: parameters}
}

// answer returns the error as an answer, with its members in the order in which Atlas sends them.
func (e apiError) answer(q query) answer {
	t := jsonText{buf: make([]byte, 0, 320)}
	t.open()
	if len(e.fields) > 0 {
		t.openField("badRequestDetail", '{')
		t.openField("fields", '[')
		for _, f := range e.fields {
			t.open()
			t.text("description", f.description)
			t.text("field", f.field)
			t.close('}')
		}
		t.close(']')
		t.close('}')
	}
	t.text("detail", e.detail)
	t.number("error", int64(e.status))
	t.text("errorCode", e.code)
	parameters := e.parameters
	if parameters == nil {
		parameters = []any{}
	}
	t.value("parameters", parameters)
	t.text("reason", http.StatusText(e.status))
	t.close('}')
	return answer{
		status:      e.status,
		contentType: jsonType,
		header:      append(e.header, field{"X-Error-Code", e.code}, field{"Vary", "Accept-Encoding"}),
		body:        q.format(e.status, t.buf),
	}
}

func errNoResource(path string) apiError {
	return newError(http.StatusNotFound, "RESOURCE_NOT_FOUND", "There is no resource at "+path+".", path)
}

func errVersion() apiError {
	return newError(http.StatusNotAcceptable, "INVALID_VERSION_DATE", "Invalid accept header or version date.")
}

func errGone(version string) apiError {
	return newError(http.StatusGone, "VERSION_GONE",
		"Version "+version+" of this resource has passed its sunset date.", version)
}

// errForbidden is the documented 403. Recordings also have the same code with a 401, which a [Fault] can send.
func errForbidden() apiError {
	return newError(http.StatusForbidden, "USER_UNAUTHORIZED",
		"Current user is not authorized to perform this action.")
}

func errNoGroup(id string) apiError {
	return newError(http.StatusNotFound, "GROUP_NOT_FOUND", "No group with ID "+id+" exists.", id)
}

func errGroupID(id string) apiError {
	return newError(http.StatusBadRequest, "INVALID_GROUP_ID", "An invalid group ID "+id+" was specified.", id)
}

func errPathParameter(name, value string) apiError {
	return newError(http.StatusBadRequest, "PATH_PARAM_PARSE_ERROR",
		"The path parameter "+name+" cannot be "+value+".", name, value)
}

// errNoInstance has the code that MongoDB's own Kubernetes operator looks for when a serverless instance is missing.
// That the backup paths beneath the instance answer with it too, rather than with CLUSTER_NOT_FOUND, is inferred.
func errNoInstance(name, groupID string) apiError {
	return newError(http.StatusNotFound, "SERVERLESS_INSTANCE_NOT_FOUND",
		"No serverless instance named "+name+" exists in group "+groupID+".", name, groupID)
}

func errNotServerless(name string) apiError {
	return newError(http.StatusBadRequest, "NOT_SERVERLESS_TENANT_CLUSTER",
		"Cluster "+name+" is not a serverless instance.", name)
}

// errNoCluster is for a name that no cluster of any tier has.
func errNoCluster(name, groupID string) apiError {
	return newError(http.StatusNotFound, "CLUSTER_NOT_FOUND",
		"No cluster named "+name+" exists in group "+groupID+".", name, groupID)
}

// errNotFlex is for a cluster of another tier in the Flex API. That a serverless instance gets it too is inferred.
func errNotFlex(name string) apiError {
	return newError(http.StatusBadRequest, "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API",
		"Cannot use non-flex cluster "+name+" in the flex API.", name)
}

func errFlexInClusters(name string) apiError {
	return newError(http.StatusBadRequest, "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
		"Flex cluster "+name+" cannot be used in the Cluster API.", name)
}

// errServerlessInClusters has the code that MongoDB's own Kubernetes operator looks for when it asks the clusters API
// for a serverless instance. A 404 would say that the name is free, and it is not.
func errServerlessInClusters(name string) apiError {
	return newError(http.StatusBadRequest, "CANNOT_USE_SERVERLESS_INSTANCE_IN_CLUSTER_API",
		"Serverless instance "+name+" cannot be used in the Cluster API.", name)
}

// errNoJob has the documented code; that a missing serverless job gets it is not verified, and INVALID_JOB_ID is
// documented too.
func errNoJob(id, clusterName string) apiError {
	return newError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND",
		"No restore job with ID "+id+" exists for "+clusterName+".", id, clusterName)
}

func errNoSnapshot(id, clusterName string) apiError {
	return newError(http.StatusNotFound, "SNAPSHOT_NOT_FOUND",
		"No snapshot with ID "+id+" exists for "+clusterName+".", id, clusterName)
}

// errQuery is a query parameter out of its bounds. The code is the one of the public description's example of a bad
// request; that Atlas uses it here is inferred.
func errQuery(name, description string) apiError {
	e := newError(http.StatusBadRequest, "VALIDATION_ERROR", "Invalid query parameter "+name+": "+description+".", name)
	e.fields = []fieldViolation{{field: name, description: description}}
	return e
}

// errRateLimited has the wait until the next refill. The path is without its first slash, as Atlas sends it. Seconds
// are rounded up, so that a caller that waits succeeds; recordings also have 0, which a [Fault] can send.
func errRateLimited(path string, set endpointSet, wait time.Duration) apiError {
	path = strings.TrimPrefix(path, "/")
	seconds := int((wait + time.Second - 1) / time.Second)
	every := int(refillEvery / time.Second)
	return newError(http.StatusTooManyRequests, "RATE_LIMITED_TOKEN_BUCKET",
		fmt.Sprintf("Rate limit exceeded for %s. Retry after %d seconds. Capacity: %d. Refill: %d every %d seconds.",
			path, seconds, set.capacity, set.refill, every),
		path, seconds, set.capacity, set.refill, every)
}

// errMethod returns the 405, which has the header Allow and no body.
func errMethod(allow string) answer {
	return answer{status: http.StatusMethodNotAllowed, header: []field{{"Allow", allow}}}
}
