package atlassim

import (
	"net/http"
	"net/url"
	"strconv"
)

const (
	defaultItemsPerPage = 100
	maxItemsPerPage     = 500
)

// query has the parameters of all operations and of all lists. Others are ignored.
type query struct {
	envelope, pretty bool
	includeCount     bool
	pageNum          int // from 1
	itemsPerPage     int // 1 to maxItemsPerPage
}

// parseQuery parses the parameters, and returns the error of the first malformed one. The others are parsed in any
// case, because they decide the form of the error.
func parseQuery(raw string, list bool) (query, *apiError) {
	q := query{includeCount: true, pageNum: 1, itemsPerPage: defaultItemsPerPage}
	if raw == "" {
		return q, nil
	}
	values, _ := url.ParseQuery(raw) // what cannot be parsed is ignored, as unknown parameters are
	var bad *apiError
	keepFirst := func(e *apiError) {
		if bad == nil {
			bad = e
		}
	}
	keepFirst(boolParameter(values, "envelope", &q.envelope))
	keepFirst(boolParameter(values, "pretty", &q.pretty))
	if list {
		keepFirst(boolParameter(values, "includeCount", &q.includeCount))
		keepFirst(intParameter(values, "pageNum", &q.pageNum, 1<<31-1))
		keepFirst(intParameter(values, "itemsPerPage", &q.itemsPerPage, maxItemsPerPage))
	}
	return q, bad
}

func boolParameter(values url.Values, name string, to *bool) *apiError {
	if !values.Has(name) {
		return nil
	}
	switch values.Get(name) {
	case "true":
		*to = true
	case "false":
		*to = false
	default:
		e := errQuery(name, "must be true or false")
		return &e
	}
	return nil
}

func intParameter(values url.Values, name string, to *int, limit int) *apiError {
	if !values.Has(name) {
		return nil
	}
	n, err := strconv.Atoi(values.Get(name))
	if err != nil || n < 1 || n > limit {
		e := errQuery(name, "must be a whole number from 1 to "+strconv.Itoa(limit))
		return &e
	}
	*to = n
	return nil
}

// page returns the page of a list of total items; from is total where the page is empty.
func (q query) page(total int) (from, to int) {
	start := int64(q.pageNum-1) * int64(q.itemsPerPage)
	if start >= int64(total) {
		return total, total
	}
	return int(start), min(int(start)+q.itemsPerPage, total)
}

// listJobs returns one page of a list of jobs.
func (x *exchange) listJobs(l *jobList, write func(t *jsonText, j *job)) answer {
	jobs, from, total := l.page(x.query, x.now)
	return x.list(total, func(t *jsonText, i int) { write(t, jobs[i-from]) })
}

// list returns one page of total items, each written by item. In the self link and in the links to other pages Atlas
// has the parameters in different orders; a client must not compare them as text.
func (x *exchange) list(total int, item func(t *jsonText, i int)) answer {
	q := x.query
	from, to := q.page(total)
	t := jsonText{buf: make([]byte, 0, 512+1024*(to-from))}
	t.open()
	t.openField("links", '[')
	count := "?includeCount=" + strconv.FormatBool(q.includeCount) + x.extra
	size := "&itemsPerPage=" + strconv.Itoa(q.itemsPerPage)
	extra := ""
	if q.pretty {
		extra += "&pretty=true"
	}
	if q.envelope {
		extra += "&envelope=true"
	}
	self := x.base + x.path
	t.link("self", self+count+"&pageNum="+strconv.Itoa(q.pageNum)+size+extra)
	if q.pageNum > 1 {
		t.link("previous", self+count+size+"&pageNum="+strconv.Itoa(q.pageNum-1)+extra)
	}
	if to < total {
		t.link("next", self+count+size+"&pageNum="+strconv.Itoa(q.pageNum+1)+extra)
	}
	t.close(']')
	return x.results(&t, from, to, total, item)
}

// listAll returns all items of a list that has no pages. That it counts them is inferred.
func (x *exchange) listAll(total int, item func(t *jsonText, i int)) answer {
	t := jsonText{buf: make([]byte, 0, 512+1024*total)}
	t.open()
	t.openField("links", '[')
	t.link("self", x.base+x.path)
	t.close(']')
	return x.results(&t, 0, total, total, item)
}

// results appends the results to a list, after its links.
func (x *exchange) results(t *jsonText, from, to, total int, item func(t *jsonText, i int)) answer {
	q := x.query
	t.openField("results", '[')
	for i := from; i < to; i++ {
		item(t, i)
	}
	t.close(']')
	if q.envelope {
		t.number("status", http.StatusOK)
	}
	if q.includeCount {
		t.number("totalCount", int64(total))
	}
	t.close('}')
	return answer{status: http.StatusOK, contentType: x.contentType, body: q.indent(t.buf)}
}
