package contract

import (
	"fmt"
	"slices"
)

// deviation is a known difference between answers and the official document.
type deviation struct {
	operations []string // operationIds; nil for every operation
	status     int      // 0 for every status
	field      string
	kind       kind
	proof      proof
}

// proof is the reason why the difference is right. One of recording, documented and inferred is set.
type proof struct {
	// recording is an answer of the real API that shows the same, perhaps at the same field of another operation.
	recording recording
	// lacks names a member that the recorded resource does not have. It stands for a missing field that the recorded
	// operation's schema, unlike this one's, does not require.
	lacks string
	// documented says where MongoDB describes it, though not in the operation's entry of the document.
	documented string
	// inferred says why it is so although neither a recording nor a description shows it.
	inferred string
}

// recording names one recorded exchange.
type recording struct {
	path   string
	status int
	date   string // of the answer's Date header
}

func (d *deviation) covers(f finding) bool {
	return d.field == f.field && d.kind == f.kind &&
		(d.status == 0 || d.status == f.status) &&
		(d.operations == nil || slices.Contains(d.operations, f.operation))
}

func (d *deviation) String() string {
	return fmt.Sprintf("%v %d %s: %s", d.operations, d.status, d.field, d.kind)
}

// deviationOf finds the entry that allows a finding in an answer of the simulator; nil for none.
func deviationOf(f finding) *deviation {
	for i := range simulatorDeviations {
		if simulatorDeviations[i].covers(f) {
			return &simulatorDeviations[i]
		}
	}
	return nil
}

// unused finds the entries of a table, and the operations of an entry, without a difference.
type unused struct {
	table []deviation
	seen  map[*deviation]map[string]bool // by entry, the operations
}

func newUnused(table []deviation) *unused {
	return &unused{table: table, seen: map[*deviation]map[string]bool{}}
}

func (u *unused) saw(f finding) {
	for i := range u.table {
		d := &u.table[i]
		if !d.covers(f) {
			continue
		}
		if u.seen[d] == nil {
			u.seen[d] = map[string]bool{}
		}
		u.seen[d][f.operation] = true
	}
}

func (u *unused) problems() []string {
	var out []string
	for i := range u.table {
		d := &u.table[i]
		if u.seen[d] == nil {
			out = append(out, d.String())
			continue
		}
		for _, op := range d.operations {
			if !u.seen[d][op] {
				out = append(out, d.String()+" by "+op)
			}
		}
	}
	return out
}
