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

// query is the set of parameters that every operation or every list of Atlas understands. Unknown ones are ignored.
type query struct {
	envelope, pretty bool
	includeCount     bool
	pageNum          int // from 1
	itemsPerPage     int // 1 to maxItemsPerPage
}

// parseQuery reads the parameters. When one is bad, the others that shape an error's body are still read.
func parseQuery(raw string, list bool) (query, *apiError) {
	q := query{includeCount: true, pageNum: 1, itemsPerPage: defaultItemsPerPage}
	if raw == "" {
		return q, nil
	}
	values, _ := url.ParseQuery(raw) // what cannot be parsed is left out, as if it were unknown
	var bad *apiError
	note := func(e *apiError) {
		if bad == nil {
			bad = e
		}
	}
	note(boolParameter(values, "envelope", &q.envelope))
	note(boolParameter(values, "pretty", &q.pretty))
	if list {
		note(boolParameter(values, "includeCount", &q.includeCount))
		note(intParameter(values, "pageNum", &q.pageNum, 1<<31-1))
		note(intParameter(values, "itemsPerPage", &q.itemsPerPage, maxItemsPerPage))
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

func intParameter(values url.Values, name string, to *int, most int) *apiError {
	if !values.Has(name) {
		return nil
	}
	n, err := strconv.Atoi(values.Get(name))
	if err != nil || n < 1 || n > most {
		e := errQuery(name, "must be a whole number from 1 to "+strconv.Itoa(most))
		return &e
	}
	*to = n
	return nil
}

// page is the part of a list of total items that the query asks for; from is past the end on a page that is empty.
func (q query) page(total int) (from, to int) {
	start := int64(q.pageNum-1) * int64(q.itemsPerPage)
	if start >= int64(total) {
		return total, total
	}
	return int(start), min(int(start)+q.itemsPerPage, total)
}

// listJobs is the answer with one page of a ledger.
func (x *exchange) listJobs(l *ledger, write func(t *jsonText, j *job)) answer {
	jobs, from, total := l.page(x.query, x.now)
	return x.list(total, func(t *jsonText, i int) { write(t, jobs[i-from]) })
}

// list is the answer with one page of total items, each written by item. Atlas spells the self link and the links to
// the neighbours with their parameters in different orders; a client must not compare them as text.
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

// listAll is the answer with all items of a list that has no pages. That it counts them is inferred.
func (x *exchange) listAll(total int, item func(t *jsonText, i int)) answer {
	t := jsonText{buf: make([]byte, 0, 512+1024*total)}
	t.open()
	t.openField("links", '[')
	t.link("self", x.base+x.path)
	t.close(']')
	return x.results(&t, 0, total, total, item)
}

// results ends a list that has its links.
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
