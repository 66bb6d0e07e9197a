package gateway

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/atlassim"
	"atlas-restore-gateway/internal/restore"
)

// matrixSettings are the gateways of the matrix. None of them tries again, so that each fault reaches the answer.
var matrixSettings = map[string]struct {
	options []envOption
	retired bool          // the serverless API
	forgets time.Duration // after what time the gateway knows and has cached nothing
}{
	"an API key":       {forgets: matrixTierTTL},
	"after the sunset": {retired: true, forgets: 65 * time.Minute},
	"a service account and a cache": {forgets: matrixTierTTL, options: []envOption{func(c *envConfig) {
		c.cache = restore.DefaultCacheSettings
		c.credential = atlas.ServiceAccount{ClientID: testPublicKey, ClientSecret: testPrivateKey}
	}}},
}

// matrixTierTTL is longer than the gateway remembers which API has a cluster, and than it caches anything. That an API
// is retired it remembers for an hour.
const matrixTierTTL = 11 * time.Minute

// matrixQuery is one query of the matrix.
type matrixQuery struct{ seed, text string }

// TestFaultMatrix_noFailureIsReportedAsAnAbsence asks for every field while each call that this takes fails in each
// way. The fields are those of the schema, and the calls those that the simulator gets. With FAULT_MATRIX=full it takes
// minutes and is complete; else each kind of call fails in one way.
func TestFaultMatrix_noFailureIsReportedAsAnAbsence(t *testing.T) {
	t.Parallel()
	w := newSchemaWalk()
	// Each link is asked for right below the fields that have it; there is no need of those behind other links.
	w.first, w.links = matrixTogether, 1
	full := os.Getenv("FAULT_MATRIX") == "full"
	for i, settingName := range sortedKeys(matrixSettings) {
		setting := matrixSettings[settingName]
		for j, name := range w.names() {
			if !full && j%len(matrixSettings) != i {
				continue
			}
			t.Run(settingName+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					// The simulator's jobs and the download URLs stay what they are while time passes.
					clock := func() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }
					upstream := &faultyAtlas{retired: setting.retired, options: []atlassim.Option{
						atlassim.WithClock(clock), atlassim.WithTokenLifetime(matrixTierTTL - time.Minute),
						atlassim.WithAPIKey(testPublicKey, testPrivateKey, atlassim.ProjectOwner),
						atlassim.WithServiceAccount(testPublicKey, testPrivateKey, atlassim.ProjectOwner),
					}}
					upstream.renew()
					options := []envOption{
						inBubble, bare, withUpstream(upstream), withAtlas(atlas.WithMaxBodyBytes(matrixBodyBytes)),
						withConfig(func(c *Config) { c.WarnLimits = true }),
					}
					e := newEnv(t, append(options, setting.options...)...)
					e.sim = upstream.sim
					m := &matrix{env: e, upstream: upstream, full: full, forgets: setting.forgets}
					m.run(t, w, name)
				})
			})
		}
	}
}

// matrix asks the queries of one name of the walk.
type matrix struct {
	*env

	upstream *faultyAtlas
	full     bool
	forgets  time.Duration
	seen     map[string]bool // what was asked and what came of it, so that no two queries are the same
	cells    int
	struck   int // in how many of the cells a call failed
	mistakes map[string][]string
}

func (m *matrix) run(t *testing.T, w schemaWalk, name string) {
	t.Helper()
	m.seen, m.mistakes = make(map[string]bool), make(map[string][]string)
	queries := 0
	for _, query := range m.queries(t, w, name) {
		if whole, calls, ok := m.whole(t, query); ok {
			m.ask(t, query, whole, calls, queries)
			queries++
		}
	}
	t.Logf("%d queries, %d combinations of a call and a fault", queries, m.cells)
	// Which calls are made depends on which of several fields comes first.
	if m.struck < m.cells/2 || m.cells == 0 {
		t.Errorf("a call failed in only %d of %d combinations", m.struck, m.cells)
	}
	for i, mistake := range sortedKeys(m.mistakes) {
		if i == maxShownMistakes {
			t.Errorf("and %d more mistakes", len(m.mistakes)-i)
			break
		}
		at := m.mistakes[mistake]
		t.Errorf("%s\n\tat %d calls and faults, such as %s", mistake, len(at), at[0])
	}
}

// maxShownMistakes is how many kinds of mistakes are printed of one name.
const maxShownMistakes = 30

// queries are those of one name, about the jobs that the simulator has as examples: each alone, and those of one
// cluster together.
func (m *matrix) queries(t *testing.T, w schemaWalk, name string) []matrixQuery {
	t.Helper()
	var out []matrixQuery
	together := make(map[string][]string)
	asked := make(map[string]bool)
	for _, example := range m.sim.Examples() {
		cluster := example.GroupID + "/" + example.ClusterName
		if n := len(together[cluster]); !m.full && n > 0 && (n > 1 || len(together) > 1) {
			continue // of the first cluster two, and one of each other
		}
		snapshot := m.snapshotOf(t, example)
		arguments := map[string]string{
			"groupId": fmt.Sprintf("%q", example.GroupID), "clusterName": fmt.Sprintf("%q", example.ClusterName),
			"restoreJobId": fmt.Sprintf("%q", example.RestoreJobID), "snapshotId": fmt.Sprintf("%q", snapshot),
		}
		text := w.query(name, arguments, func(typename string) string {
			id := map[string]string{"AtlasProject": example.GroupID, "AtlasSnapshot": snapshot}[typename]
			if id == "" {
				id = example.RestoreJobID
			}
			return fmt.Sprintf(`{ __typename: %q, groupId: %q, clusterName: %q, name: %q, id: %q }`,
				typename, example.GroupID, example.ClusterName, example.ClusterName, id)
		})
		if asked[text] {
			continue
		}
		asked[text] = true
		together[cluster] = append(together[cluster], text)
		out = append(out, matrixQuery{seed: example.Label, text: text})
	}
	for _, cluster := range sortedKeys(together) {
		if some := together[cluster]; len(some) > 1 {
			out = append(out, matrixQuery{seed: "several of " + cluster, text: joined(some[:min(len(some), matrixTogether)])})
		}
	}
	return out
}

// matrixTogether is how many things are asked for together.
const matrixTogether = 4

// joined makes one query of several, each under an alias of its own.
func joined(queries []string) string {
	var b strings.Builder
	b.WriteString("{")
	for i, query := range queries {
		fmt.Fprintf(&b, " q%d: %s", i, strings.TrimSuffix(strings.TrimPrefix(query, "{ "), " }"))
	}
	b.WriteString(" }")
	return b.String()
}

// snapshotOf is the id of a job's snapshot.
func (m *matrix) snapshotOf(t *testing.T, example atlassim.Example) string {
	t.Helper()
	job := m.post(t, "{"+jobField("job", example, "{ snapshotId }")+"}", nil).Data["job"]
	id, _ := object(t, job)["snapshotId"].(string)
	if id == "" {
		return example.RestoreJobID // there is none
	}
	return id
}

// cold lets all that the gateway has cached and learned expire.
func (m *matrix) cold() {
	<-time.After(m.forgets)
	m.upstream.renew()
}

// whole returns the answer to a query while nothing fails, and the calls that it takes; not ok when another query has
// done the same.
func (m *matrix) whole(t *testing.T, query matrixQuery) (whole matrixAnswer, calls []string, ok bool) {
	t.Helper()
	m.cold()
	whole = m.matrixAnswer(t, query.text)
	calls = m.upstream.calls()
	kinds := make(map[string]bool)
	for _, call := range calls {
		kinds[kindOf(call)] = true
	}
	codes := slices.Sorted(maps.Values(whole.errors))
	done := fmt.Sprint(strings.HasPrefix(query.seed, "several"), sortedKeys(kinds), codes)
	if m.seen[done] {
		return whole, nil, false
	}
	m.seen[done] = true
	return whole, calls, true
}

// ask asks the query while each of its calls fails in each way.
func (m *matrix) ask(t *testing.T, query matrixQuery, whole matrixAnswer, calls []string, offset int) {
	t.Helper()
	for i, call := range m.failing(calls) {
		for j := range matrixFaults {
			switch turn := offset + i + j; {
			case !m.full && turn%len(matrixFaults) != 0:
			case slices.Contains(calls, call) && call != kindOf(call) && turn%matrixShare != 0:
			default:
				m.cell(t, query, whole, call, &matrixFaults[j])
			}
		}
	}
}

// matrixShare is of how many faults one strikes a single call where others of its kind are made: all strike the whole
// kind.
const matrixShare = 4

// failing are the calls of a query that fail: every one, all of a kind, and where there are several of it the first
// alone and the last.
func (m *matrix) failing(calls []string) []string {
	kinds := make(map[string][]string)
	for _, call := range calls {
		kinds[kindOf(call)] = append(kinds[kindOf(call)], call)
	}
	out := []string{everyCall}
	for _, kind := range sortedKeys(kinds) {
		out = append(out, kind)
		if n := len(kinds[kind]); n > 1 && m.full {
			out = append(out, kinds[kind][0], kinds[kind][n-1])
		}
	}
	return out
}

// cell asks a query while a call fails, and again when it does not.
func (m *matrix) cell(t *testing.T, query matrixQuery, whole matrixAnswer, call string, fault *upstreamFault) {
	t.Helper()
	m.cold()
	m.cells++
	m.upstream.set(fault, call)
	got := m.matrixAnswer(t, query.text)
	if m.upstream.set(nil, "") > 0 {
		m.struck++
	}
	at := query.seed + ": " + call + ": " + fault.name
	for _, mistake := range compare(whole, got, fault.code) {
		m.note(mistake, at)
	}
	m.recovers(t, query, whole, call, at)
}

// recovers wants the whole answer when nothing fails any more: nothing that is wrong was cached or learned. Until the
// wait is over that Atlas asked for, or that the client takes before it asks for another token, there may be errors.
func (m *matrix) recovers(t *testing.T, query matrixQuery, whole matrixAnswer, call, at string) {
	t.Helper()
	recovery := matrixRecovery
	if strings.Contains(call, "/api/oauth/") || call == everyCall {
		recovery = matrixTokenRecovery
	}
	for _, wait := range []time.Duration{0, recovery} {
		<-time.After(wait)
		again := m.matrixAnswer(t, query.text)
		if reflect.DeepEqual(again, whole) {
			return
		}
		mistakes := compare(whole, again, "")
		for _, mistake := range mistakes {
			m.note("after the fault: "+mistake, at)
		}
		if len(mistakes) == 0 && wait > 0 {
			m.note(fmt.Sprintf("%s after the fault the answer is not whole: errors %v, then %v", wait, whole.errors,
				again.errors), at)
		}
	}
}

const (
	// matrixRecovery is how long it may take after a fault until everything is served: the longest wait that one of the
	// faults asks for, and a second.
	matrixRecovery = 4 * time.Second
	// matrixTokenRecovery is that of the token endpoint, which is not asked again for ten seconds after it has refused a
	// credential.
	matrixTokenRecovery = 11 * time.Second
)

func (m *matrix) note(mistake, at string) { m.mistakes[mistake] = append(m.mistakes[mistake], at) }
