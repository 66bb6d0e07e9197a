package atlas

import (
	"context"
	"net/http"
	"strings"
)

// Resource is one kind of resource of the Administration API, and the two operations that read it.
type Resource[T AnyResource] struct {
	get, list operation
	unpaged   bool // the list has no pages
}

// newResource returns a kind of resource whose list is at the path without its last segment.
func newResource[T AnyResource](role, version, path, getName, listName string) Resource[T] {
	return Resource[T]{
		get:  declare(role, version, path, getName),
		list: declare(role, version, path[:strings.LastIndexByte(path, '/')], listName),
	}
}

// uncounted returns the kind of resource as one whose list Atlas does not count.
func (r Resource[T]) uncounted() Resource[T] {
	r.list.noCount = true
	return r
}

// Get returns one resource, by one call. args are the ids and names in the order of the path, as Atlas writes them.
// Every error is an *Error. It is KindMalformed where the resource has no id, or has another id, name or project than
// the arguments: a proxy may mix up answers.
func (r Resource[T]) Get(ctx context.Context, c *Client, args ...string) (*T, error) {
	one, err := get[T](ctx, c, r.get, args...)
	if err != nil {
		return nil, err
	}
	id := (*one).identity()
	n, isPlaced := any(*one).(placedResource)
	switch {
	case id == "":
		err = errNoID
	case r.get.byID() && !strings.EqualFold(id, args[len(args)-1]), isPlaced && !belongsTo(n, args):
		err = errOtherID
	default:
		return one, nil
	}
	return nil, &Error{Op: r.get.name, Kind: KindMalformed, Status: http.StatusOK, Err: err}
}

// List returns one page of the list, by one call; args are as for Get, without the last one. Bounds and errors are those
// of every list; see ListOptions, which a list without pages ignores.
func (r Resource[T]) List(ctx context.Context, c *Client, o ListOptions, args ...string) (*Page[T], error) {
	if r.unpaged {
		return getPage[T](ctx, c, r.list, args, "", 0)
	}
	return list[T](ctx, c, r.list, o, args)
}
