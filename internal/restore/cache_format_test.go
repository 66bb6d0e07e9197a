package restore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/callcache"
	"atlas-restore-gateway/internal/test/filler"
)

// filled returns a value of which each part that can be is set, the same one each time.
func filled[T any]() *T {
	n := int64(0)
	next := func() int64 { n++; return n }
	text := func() string { return "text " + strconv.FormatInt(next(), 10) }
	v := new(T)
	filler.Filler{Elements: 2, Text: text, ID: text, Number: next}.Fill(v)
	return v
}

// checkFormat encodes and decodes a value and a page of it, and returns what was encoded.
func checkFormat[T any](
	t *testing.T, one *callcache.Codec[callKey, *T], pages *callcache.Codec[callKey, *page[*T]], value *T,
) []byte {
	t.Helper()
	readAt := time.Unix(1_700_000_000, 0)
	opts := cmp.Exporter(func(of reflect.Type) bool { return of == reflect.TypeFor[Job]() || of == reflect.TypeFor[page[*T]]() })
	data, ok := one.Encode(value)
	if !ok {
		t.Fatal("a value is not encoded")
	}
	got, err := one.Decode(data, readAt)
	if diff := cmp.Diff(value, got, opts); err != nil || diff != "" {
		t.Errorf("a value becomes another one: %v\n%s", err, diff)
	}
	for name, p := range map[string]*page[*T]{
		"a page":         {items: []*T{value, value}, op: "getX", total: new(int64(7)), more: true, guessed: true},
		"an empty page":  {items: []*T{}, op: "getX"},
		"a page of none": {},
	} {
		data, ok := pages.Encode(p)
		got, err := pages.Decode(data, readAt)
		if diff := cmp.Diff(p, got, opts); !ok || err != nil || diff != "" {
			t.Errorf("%s becomes another one: %t, %v\n%s", name, ok, err, diff)
		}
	}
	return data
}

// check is checkFormat for what has no download URLs.
func check[T any](t *testing.T, value *T) []byte {
	t.Helper()
	return checkFormat(t, codecOf[*T]("test"), pageCodec[*T]("test"), value)
}

// filledJob returns a job that was read at a time.
func filledJob() *Job {
	j := filled[Job]()
	j.readAt = time.Unix(1_700_000_000, 0)
	return j
}

// formatSum has formatVersion and the sum of what filled values are encoded as. Where it differs an older version of the
// gateway would write, or read, something else: increase formatVersion, and write the new sum.
const formatSum = "1 339db117e10e7856c031a797a407b61774dbfbbe6816d2182f8d9cfa0458b029"

func TestFormats_areThoseOfTheirVersion(t *testing.T) {
	sum := sha256.New()
	var open *hiddenJobs // hides nothing
	for _, data := range [][]byte{
		checkFormat(t, open.jobCodec("test"), open.jobPageCodec("test"), filledJob()), check(t, filled[Snapshot]()), check(t, filled[Cluster]()),
		check(t, filled[atlas.BackupSchedule]()), check(t, filled[atlas.SnapshotExport]()),
		check(t, filled[atlas.ExportBucket]()), check(t, filled[CompliancePolicy]()),
		check(t, filled[Event]()), check(t, filled[atlas.Organization]()),
		check(t, filled[atlas.RestoredCollection]()), check(t, filled[atlas.Project]()),
		fmt.Append(nil, formatTiers),
		// The numbers of what is stored as one.
		fmt.Append(nil, StateUnknown, Pending, Running, Ready, Succeeded, Failed, Cancelled, Expired, PartiallySucceeded),
		fmt.Append(nil, DeliveryUnknown, Automated, Download, PointInTime),
		fmt.Append(nil, FlexUnknown, FlexPending, FlexQueued, FlexRunning, FlexFailed, FlexCompleted),
		fmt.Append(nil, SnapshotUnknown, SnapshotPending, SnapshotQueued, SnapshotInProgress, SnapshotCompleted, SnapshotFailed),
		fmt.Append(nil, ActorUnknown, ActorUser, ActorAPIKey, ActorServiceAccount, ActorAtlas),
		fmt.Append(nil, AnyTier, Serverless, Flex, Dedicated, Collection),
	} {
		_, _ = sum.Write(data)
	}
	if got := formatVersion + " " + hex.EncodeToString(sum.Sum(nil)); got != formatSum {
		t.Errorf("the sum of the formats is another one: %s", got)
	}
}

func TestFormats_haveNoValueThatWasNotReadAsAWhole(t *testing.T) {
	failure, hidden := errors.New("failed"), newHiddenJobs()
	for name, ok := range map[string]bool{
		"a job that cannot be decoded":      encodes(hidden.jobCodec("test"), &Job{Err: failure}),
		"a snapshot that cannot be decoded": encodes(codecOf[*Snapshot]("test"), &Snapshot{Err: failure}),
		"a snapshot without its members":    encodes(codecOf[*Snapshot]("test"), &Snapshot{MembersErr: failure}),
		"a cluster that cannot be decoded":  encodes(codecOf[*Cluster]("test"), &Cluster{Err: failure}),
		"a page with such a cluster": encodes(pageCodec[*Cluster]("test"),
			&page[*Cluster]{items: []*Cluster{{Err: failure}}}),
		"a page without its count":     encodes(hidden.jobPageCodec("test"), &page[*Job]{countErr: failure}),
		"a page that misses a result":  encodes(hidden.jobPageCodec("test"), &page[*Job]{unidentified: failure}),
		"a page with such a job":       encodes(hidden.jobPageCodec("test"), &page[*Job]{items: []*Job{{Err: failure}}}),
		"a cluster list with failures": encodesClusters(&Clusters{Failures: []error{failure}}),
	} {
		if ok {
			t.Errorf("%s is encoded", name)
		}
	}
}

func encodesClusters(c *Clusters) bool {
	_, ok := c.Encode()
	return ok
}

func encodes[V any](codec *callcache.Codec[callKey, V], v V) bool {
	_, ok := codec.Encode(v)
	return ok
}

func TestFormats_haveTheErrorOfAMissingJob(t *testing.T) {
	for name, tt := range map[string]struct {
		err error
		ok  bool
	}{
		"with a code": {ok: true, err: &atlas.Error{
			Op: "getX", Status: 404, ErrorCode: "RESTORE_JOB_NOT_FOUND", Reason: "Not Found", Detail: "No job.",
			Parameters: []byte(`["a"]`),
		}},
		"without parameters":  {ok: true, err: &atlas.Error{Op: "getX", Status: 404, ErrorCode: "NOT_FOUND"}},
		"with a cause":        {err: &atlas.Error{Op: "getX", Status: 404, Err: errors.New("failed")}},
		"not of Atlas":        {err: errors.New("failed")},
		"of a missing answer": {err: &atlas.Error{Kind: atlas.KindTimeout, Status: 404}},
	} {
		data, ok := encodeMissing(tt.err)
		if ok != tt.ok {
			t.Errorf("%s: it is encoded: %t", name, ok)
		}
		if !ok {
			continue
		}
		if got, err := decodeMissing(data); err != nil || cmp.Diff(tt.err, got) != "" {
			t.Errorf("%s: %v\n%s", name, err, cmp.Diff(tt.err, got))
		}
	}
}

func TestFormats_hideJobsWithDownloadURLsFromThoseWhoHaveNotReadThem(t *testing.T) {
	const url = "https://restore.example/secret.tar.gz"
	now := time.Now()
	ready := &Job{Key: Key{JobID: "b"}, State: Ready, DeliveryURL: []string{url}, readAt: now}
	p := &page[*Job]{items: []*Job{{Key: Key{JobID: "a"}, State: Failed, readAt: now}, ready}}
	own, other := newHiddenJobs(), newHiddenJobs()
	for name, tt := range map[string]struct {
		encode func(h *hiddenJobs) ([]byte, bool)
		decode func(h *hiddenJobs, data []byte) (any, error)
		want   any
	}{
		"a job": {
			encode: func(h *hiddenJobs) ([]byte, bool) { return h.jobCodec("x").Encode(ready) },
			decode: func(h *hiddenJobs, data []byte) (any, error) { return h.jobCodec("x").Decode(data, now) }, want: ready,
		},
		"a page": {
			encode: func(h *hiddenJobs) ([]byte, bool) { return h.jobPageCodec("x").Encode(p) },
			decode: func(h *hiddenJobs, data []byte) (any, error) { return h.jobPageCodec("x").Decode(data, now) }, want: p,
		},
		"a poll": {
			encode: func(h *hiddenJobs) ([]byte, bool) {
				return (&Polled{Lists: []polledList{{Tier: Flex, page: p}}, hidden: h}).Encode()
			},
			decode: func(h *hiddenJobs, data []byte) (any, error) {
				got, err := h.decodePolled(data, now)
				if err != nil {
					return nil, err
				}
				return got.Lists[0].page, nil
			},
			want: p,
		},
	} {
		t.Run(name, func(t *testing.T) {
			data, ok := tt.encode(own)
			if !ok || strings.Contains(string(data), "secret.tar.gz") {
				t.Fatalf("it is stored as %s", data)
			}
			opts := cmp.AllowUnexported(Job{}, page[*Job]{})
			if got, err := tt.decode(own, data); err != nil || cmp.Diff(tt.want, got, opts) != "" {
				t.Errorf("a process that has read it gets %v\n%s", err, cmp.Diff(tt.want, got, opts))
			}
			if got, err := tt.decode(other, data); !errors.Is(err, errHidden) {
				t.Errorf("a process that has not read it gets %v, %v", got, err)
			}
			if data, _ := tt.encode(nil); !strings.Contains(string(data), url) {
				t.Errorf("where URLs are shared it is stored as %s", data)
			}
		})
	}
}

func FuzzDecode_neverPanics(f *testing.F) {
	hidden := newHiddenJobs()
	data, _ := hidden.jobPageCodec("x").Encode(&page[*Job]{items: []*Job{filled[Job]()}})
	f.Add(data)
	f.Add([]byte(`{"Jobs":{"Jobs":[null]}}`))
	f.Add([]byte(`{"Jobs":{"Jobs":[null],"Hidden":[{"Index":7,"Sum":"a"}]}}`))
	f.Add([]byte(`{"Lists":[{"Tier":1,"Page":{"Jobs":{"Jobs":[{}]}}}],"Tiers":[1],"Jobs":{"Jobs":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := hidden.jobPageCodec("x").Decode(data, time.Time{}); err == nil && !encodes(hidden.jobPageCodec("x"), p) {
			t.Errorf("%s is decoded to what cannot be encoded", data)
		}
		if p, err := hidden.decodePolled(data, time.Time{}); err == nil {
			p.Fingerprint()
		}
		_, _ = decodeMissing(data)
		_, _ = DecodeClusters(data)
	})
}
