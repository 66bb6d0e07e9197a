package atlas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas/jsonscan"
)

// MaxItemsPerPage is the largest page that Atlas returns.
const MaxItemsPerPage = 500

// ListOptions selects a page of a list. Zero values are left to Atlas: page 1, 100 items a page. PageNum is
// otherwise from 1, ItemsPerPage from 1 to MaxItemsPerPage; other values are an *Error of KindMalformed
// without a call.
//
// Every list is one call, and every error of it an *Error. A response without results is KindMalformed. A
// result that cannot be decoded, or has no id, is in Page.Malformed.
type ListOptions struct {
	PageNum      int
	ItemsPerPage int
	// Count has Atlas count the results of all pages, which takes longer than the page where there
	// are many. Where it takes too long for Atlas the page is requested once more without the count,
	// within the timeout of the same call, and Page.CountErr is set. Atlas counts no collection restores.
	Count bool
	// Filter is what selects results, as a query: see EventFilter. "" selects all.
	Filter string
}

// query returns the options as a query. It always has includeCount, because Atlas counts by default; but for lists that
// do not have the parameter.
func (o ListOptions) query(noCount bool) (string, error) {
	q := "includeCount=" + strconv.FormatBool(o.Count)
	if noCount {
		q = ""
	}
	switch {
	case o.PageNum < 0:
		return "", fmt.Errorf("the page must be from 1, not %d", o.PageNum)
	case o.ItemsPerPage < 0 || o.ItemsPerPage > MaxItemsPerPage:
		return "", fmt.Errorf("the items of a page must be from 1 to %d, not %d", MaxItemsPerPage, o.ItemsPerPage)
	}
	if o.PageNum > 0 {
		q += "&pageNum=" + strconv.Itoa(o.PageNum)
	}
	if o.ItemsPerPage > 0 {
		q += "&itemsPerPage=" + strconv.Itoa(o.ItemsPerPage)
	}
	if o.Filter != "" {
		q += "&" + o.Filter
	}
	return strings.TrimPrefix(q, "&"), nil
}

// Page is one page of a list. Results is never nil. Results may share values with each other and with those of
// other pages, so that the values that their fields point to must not be changed.
type Page[T any] struct {
	Results []T
	// Malformed are the results that cannot be decoded, by Index. They are not in Results.
	Malformed []MalformedResult
	// TotalCount is how many results all pages have, as Atlas estimates it; nil where Atlas sent none.
	TotalCount *int64
	// CountErr is why TotalCount is missing although Count was set, or nil.
	CountErr *Error
	// Op is the Atlas operation of the list.
	Op string
	// Links are those of the page: self, and next and previous where they exist.
	Links []Link

	// countsMore reports whether the page is full and TotalCount is more than the results up to its
	// end.
	countsMore bool
	// full reports whether the page has as many results as were requested, or more.
	full bool
}

// HasNext reports whether there is another page after this one: Atlas links to it, or this page is full and
// TotalCount says that there are more results.
func (p *Page[T]) HasNext() bool {
	if p.countsMore {
		return true
	}
	for _, l := range p.Links {
		if l.Rel != nil && *l.Rel == "next" {
			return true
		}
	}
	return false
}

// MayHaveNext reports whether there may be another page although HasNext is false: this page is full and the
// results were not counted.
func (p *Page[T]) MayHaveNext() bool { return p.full && p.TotalCount == nil && !p.HasNext() }

// AnyResource is a resource of Atlas, which has an id.
type AnyResource interface{ identity() string }

var (
	errNoID      = errors.New("the resource has no id")
	errOtherID   = errors.New("the resource is another one than was asked for")
	errNoResults = errors.New("the list has no results")
	errNotObject = errors.New("it is not a JSON object")
)

// placedResource is a resource that has the id of its project and the name of its cluster, which is itself where
// it is a cluster. Each is nil where Atlas sent none.
type placedResource interface {
	fullName() (groupID, name *string)
}

// belongsTo reports whether a resource belongs to the project of the arguments, and to the cluster where there is
// a second argument. A value that Atlas did not send counts as equal.
func belongsTo(n placedResource, args []string) bool {
	groupID, name := n.fullName()
	return (groupID == nil || strings.EqualFold(*groupID, args[0])) &&
		(name == nil || len(args) < 2 || strings.EqualFold(*name, args[1]))
}

// byID reports whether the last argument of the operation is the id of the resource. Clusters and instances are
// found by name.
func (op operation) byID() bool { return strings.HasSuffix(op.path, "Id}") }

// list returns one page of an operation that has pages.
func list[T AnyResource](ctx context.Context, c *Client, op operation, o ListOptions, args []string) (*Page[T], error) {
	query, err := o.query(op.noCount)
	if err != nil {
		return nil, &Error{Op: op.name, Kind: KindMalformed, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	p, err := getPage[T](ctx, c, op, args, query, o.ItemsPerPage)
	if counted := (*Error)(nil); o.Count && errors.As(err, &counted) && counted.isCountTimeout() {
		o.Count = false
		if p, err = list[T](ctx, c, op, o, args); err == nil {
			p.CountErr = counted
		}
		return p, err
	}
	if err != nil {
		return nil, err
	}
	size, sent := cmp.Or(o.ItemsPerPage, defaultItemsPerPage), len(p.Results)+len(p.Malformed)
	p.full = sent >= size
	if p.TotalCount != nil {
		end := int64(max(o.PageNum, 1)-1)*int64(size) + int64(sent)
		p.countsMore = p.full && *p.TotalCount > end
	}
	return p, nil
}

// defaultItemsPerPage is the size of a page that is requested without one.
const defaultItemsPerPage = 100

// maxPreallocated is for how many results memory is allocated before a page is decoded: many
// lists are shorter than what is asked for.
const maxPreallocated = 50

// results are the results of a list.
type results[T any] struct {
	items     []T
	malformed []MalformedResult // with errors that have no operation yet
	sent      bool
}

// UnmarshalJSONFrom decodes the array, with tolerantOptions each element by itself.
func (r *results[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	r.sent = true
	if u, _ := json.GetOption(d.Options(), json.WithUnmarshalers); u != tolerantInteger || d.PeekKind() != '[' {
		return json.UnmarshalDecode(d, &r.items)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	r.items, r.malformed = []T{}, nil
	for index := 0; d.PeekKind() != ']'; index++ {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		var item T
		if err := json.Unmarshal(raw, &item, tolerantOptions); err != nil || raw.Kind() != '{' {
			m := MalformedResult{Index: index, Err: &Error{Err: errNotObject}}
			if err != nil {
				m.Err.Err = describeJSONError(err)
			}
			m.identify(raw)
			r.malformed = append(r.malformed, m)
			continue
		}
		r.items = append(r.items, item)
	}
	_, err := d.ReadToken()
	return err
}

// pageAnswer is a list as Atlas sends it.
type pageAnswer[T any] struct {
	Results    results[T]     `json:"results"`
	TotalCount *int64         `json:"totalCount"`
	Links      Elements[Link] `json:"links"`
}

func (a *pageAnswer[T]) ScanJSON(s *jsonscan.Scanner) {
	if _, ok := any((*T)(nil)).(jsonscan.Value); !ok {
		return
	}
	for name := range s.Object {
		switch string(name) {
		case "results":
			a.Results.ScanJSON(s)
		case "totalCount":
			a.TotalCount = s.Integer()
		case "links":
			s.Fallback(&a.Links, jsonOptions)
		default:
			s.SkipValue()
		}
	}
}

func (r *results[T]) ScanJSON(s *jsonscan.Scanner) {
	r.sent = true
	if s.Null() {
		r.items = nil
		return
	}
	if r.items = r.items[:0]; r.items == nil {
		r.items = []T{}
	}
	for range s.Array {
		var none T
		r.items = append(r.items, none)
		if one, ok := any(&r.items[len(r.items)-1]).(jsonscan.Value); ok {
			one.ScanJSON(s)
		}
	}
}

// getPage returns a list, or an error where the answer is not one. Size is about how many results
// are expected. With an envelope Atlas puts the status beside the results, so that a page is
// decoded in the same way with and without one.
func getPage[T AnyResource](ctx context.Context,
	c *Client, op operation, args []string, query string, size int) (*Page[T], error) {
	var answer pageAnswer[T]
	answer.Results.items = make([]T, 0, min(size, maxPreallocated))
	if err := call(ctx, c, op, args, query, &answer); err != nil {
		return nil, err
	}
	r := &answer.Results
	if !r.sent || r.items == nil {
		return nil, &Error{Op: op.name, Kind: KindMalformed, Status: http.StatusOK, Err: errNoResults}
	}
	if len(r.malformed) > 0 || slices.ContainsFunc(r.items, func(item T) bool { return wrongResult(&item, args) != nil }) {
		moveMalformed(r, op.name, args)
	}
	return &Page[T]{
		Results: r.items, Malformed: r.malformed, TotalCount: answer.TotalCount, Links: answer.Links, Op: op.name,
	}, nil
}

// codeCountTimeout is Atlas's code for a list whose results took too long to count. The same call without a count
// may succeed.
const codeCountTimeout = "TIMEOUT_WHILE_PAGING"

// isCountTimeout reports whether only the counting of a list failed.
func (e *Error) isCountTimeout() bool {
	return e.Kind == KindAnswered && e.Status == http.StatusInternalServerError && e.ErrorCode == codeCountTimeout
}
