package restore

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
)

// formatVersion is that of all formats below. It must be increased when a value of an older version of the gateway would
// be read as another one; TestFormats_areThoseOfTheirVersion says when.
const formatVersion = "1"

// formatTiers are the tiers as other processes know them.
var formatTiers = [...]string{
	AnyTier: "any", Serverless: "serverless", Flex: "flex", Dedicated: "dedicated", Collection: "collection",
}

// sharedKey returns what names a call for other processes.
func sharedKey(k callKey) []string {
	return []string{
		formatTiers[k.tier], k.groupID, k.clusterName, k.id,
		strconv.Itoa(k.page.PageNum), strconv.Itoa(k.page.ItemsPerPage), strconv.FormatBool(k.page.Count),
	}
}

// codecOf returns the codec of single values that are no jobs.
func codecOf[V any](kind string) *callcache.Codec[callKey, V] {
	return newCodec(kind,
		func(v V) ([]byte, bool) {
			if hasError(v) {
				return nil, false
			}
			return encode(v)
		},
		func(data []byte, _ time.Time) (v V, err error) {
			err = json.Unmarshal(data, &v)
			return v, err
		})
}

// pageFormat is how a page is stored. One with an error is not.
type pageFormat[T any] struct {
	Items         []T        `json:",omitzero"` // that are no jobs
	Jobs          jobsFormat `json:",omitzero"`
	Op            string
	Total         *int64
	More, Guessed bool
}

// formatOf returns how a page is stored, without its items; false where it has an error.
func formatOf[T any](p *page[T]) (f pageFormat[T], ok bool) {
	f.Op, f.Total, f.More, f.Guessed = p.op, p.total, p.more, p.guessed
	return f, p.countErr == nil && p.unidentified == nil
}

// page returns the page with these items.
func (f pageFormat[T]) page(items []T) *page[T] {
	return &page[T]{items: items, op: f.Op, total: f.Total, more: f.More, guessed: f.Guessed}
}

// pageCodec returns the codec of pages that are not of jobs.
func pageCodec[T any](kind string) *callcache.Codec[callKey, *page[T]] {
	return newCodec(kind,
		func(p *page[T]) ([]byte, bool) {
			f, ok := formatOf(p)
			if f.Items = p.items; !ok || slices.ContainsFunc(p.items, func(item T) bool { return hasError(item) }) {
				return nil, false
			}
			return encode(f)
		},
		func(data []byte, _ time.Time) (*page[T], error) {
			var f pageFormat[T]
			if err := json.Unmarshal(data, &f); err != nil {
				return nil, err
			}
			if slices.ContainsFunc(f.Items, func(item T) bool { return reflect.ValueOf(item).IsNil() }) {
				return nil, errNoItem
			}
			return f.page(f.Items), nil
		})
}

// formatPage returns how a page of jobs is stored; false where it has an error.
func (h *hiddenJobs) formatPage(p *page[*Job]) (f pageFormat[*Job], ok bool) {
	if f, ok = formatOf(p); ok {
		f.Jobs, ok = h.format(p.items)
	}
	return f, ok
}

// restorePage returns a page of jobs that was read at this time.
func (h *hiddenJobs) restorePage(f pageFormat[*Job], readAt time.Time) (*page[*Job], error) {
	jobs, err := h.restore(f.Jobs, readAt)
	if err != nil {
		return nil, err
	}
	return f.page(jobs), nil
}

// jobPageCodec returns the codec of pages of jobs.
func (h *hiddenJobs) jobPageCodec(kind string) *callcache.Codec[callKey, *page[*Job]] {
	return newCodec(kind,
		func(p *page[*Job]) ([]byte, bool) {
			f, ok := h.formatPage(p)
			if !ok {
				return nil, false
			}
			return encode(f)
		},
		func(data []byte, readAt time.Time) (*page[*Job], error) {
			var f pageFormat[*Job]
			if err := json.Unmarshal(data, &f); err != nil {
				return nil, err
			}
			return h.restorePage(f, readAt)
		})
}

// jobCodec returns the codec of single jobs.
func (h *hiddenJobs) jobCodec(kind string) *callcache.Codec[callKey, *Job] {
	return newCodec(kind,
		func(j *Job) ([]byte, bool) {
			f, ok := h.format([]*Job{j})
			if !ok {
				return nil, false
			}
			return encode(f)
		},
		func(data []byte, readAt time.Time) (*Job, error) {
			var f jobsFormat
			if err := json.Unmarshal(data, &f); err != nil {
				return nil, err
			}
			jobs, err := h.restore(f, readAt)
			if err != nil || len(jobs) != 1 {
				return nil, cmp.Or(err, errNoItem)
			}
			return jobs[0], nil
		})
}

func newCodec[V any](
	kind string, encode func(V) ([]byte, bool), decode func([]byte, time.Time) (V, error),
) *callcache.Codec[callKey, V] {
	return &callcache.Codec[callKey, V]{
		Kind: kind + " " + formatVersion, Key: sharedKey, Encode: encode, Decode: decode,
		EncodeError: encodeMissing, DecodeError: decodeMissing,
	}
}

var errNoItem = errors.New("restore: a page has an item that is null")

// encode returns the JSON of a value. A date outside of the years that JSON can have is all that cannot be encoded.
func encode(v any) ([]byte, bool) {
	data, err := json.Marshal(v, json.FormatNilSliceAsNull(true), json.OmitZeroStructFields(true))
	return data, err == nil
}

// hasError reports whether a value was not read as a whole.
func hasError(v any) bool {
	switch v := v.(type) {
	case *Snapshot:
		return v.Err != nil || v.MembersErr != nil
	case *Cluster:
		return v.Err != nil
	default:
		return false
	}
}

// missingFormat is how the error is stored that Atlas does not have something.
type missingFormat struct {
	Op                        string
	Status                    int
	ErrorCode, Reason, Detail string
	Parameters                jsontext.Value
}

func encodeMissing(err error) ([]byte, bool) {
	var e *atlas.Error
	if !errors.As(err, &e) || e.Kind != atlas.KindAnswered || e.Err != nil || len(e.Fields)+len(e.RequiredRoles) > 0 {
		return nil, false
	}
	return encode(missingFormat{e.Op, e.Status, e.ErrorCode, e.Reason, e.Detail, jsontext.Value(e.Parameters)})
}

func decodeMissing(data []byte) (missing, err error) {
	var f missingFormat
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, err
	}
	e := &atlas.Error{
		Op: f.Op, Kind: atlas.KindAnswered, Status: f.Status, ErrorCode: f.ErrorCode, Reason: f.Reason, Detail: f.Detail,
	}
	if f.Parameters.Kind() != 'n' {
		e.Parameters = []byte(f.Parameters)
	}
	return e, nil
}
