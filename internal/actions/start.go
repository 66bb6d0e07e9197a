package actions

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/restore"
)

const (
	// OutcomeTTL is how long the outcome of an action is remembered for its idempotency key.
	OutcomeTTL = 24 * time.Hour
	// MaxKeyBytes bounds an idempotency key.
	MaxKeyBytes = 128

	// sendTimeout bounds an action from its request to its recorded outcome, the lookups included.
	sendTimeout = time.Minute
	// repeatWait is how long the same action of another request is waited for, and repeatPoll the time between two looks at
	// the ledger. Every repeatLookup the job is looked for: the process that makes it may have ended.
	repeatWait   = 25 * time.Second
	repeatPoll   = 100 * time.Millisecond
	repeatLookup = 5 * time.Second
)

// lookups are the waits before each look for a job whose answer was lost: Atlas may list it late.
var lookups = []time.Duration{
	200 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
}

const kindStart = "start"

// Start asks for the start of what was planned.
type Start struct {
	Confirmation string
	// ClusterName repeats the name of the target of a restore, or of the cluster of a download.
	ClusterName string
	// IdempotencyKey names this start among those of the caller: it is made once, and for OutcomeTTL the result is the same.
	IdempotencyKey string
}

// outcome is the state of an action.
type outcome string

const (
	outcomeStarting outcome = "STARTING" // the request is about to be sent, or was sent
	outcomeStarted  outcome = "STARTED"
	outcomeRejected outcome = "REJECTED" // by Atlas
	outcomeUnknown  outcome = "UNKNOWN"
)

// entry is what the ledger remembers of an action.
type entry struct {
	Order   order      `json:"order"`
	Plan    string     `json:"plan,omitempty"`
	Facts   facts      `json:"facts"`
	Known   []string   `json:"known"` // ids that are not the result
	Begun   int64      `json:"begun"` // Unix time, in milliseconds
	Outcome outcome    `json:"outcome"`
	ID      string     `json:"id,omitempty"` // of the job, or of the snapshot
	Failure *rejection `json:"failure,omitempty"`
}

// rejection is an *atlas.Error that Atlas has rejected the request with.
type rejection struct {
	Op, ErrorCode, Reason, Detail string
	Status                        int
	Parameters                    json.RawMessage `json:",omitempty"`
	Roles                         []string        `json:",omitempty"`
}

func (r *rejection) error() error {
	return &atlas.Error{
		Op: r.Op, Kind: atlas.KindAnswered, Status: r.Status, ErrorCode: r.ErrorCode, Reason: r.Reason, Detail: r.Detail,
		Parameters: r.Parameters, RequiredRoles: r.Roles,
	}
}

// started is the result of an action: a job or a snapshot.
type started struct {
	job      *restore.Job
	snapshot *restore.Snapshot
}

func (r started) id() string {
	if r.snapshot != nil {
		return r.snapshot.SnapshotID
	}
	return r.job.JobID
}

// StartRestore starts the restore of a plan, and returns its job. Where nothing tells whether it was started the error is
// an *OutcomeUnknownError; what was refused before is a *RefusedError.
func (s *Service) StartRestore(ctx context.Context, in Start) (*restore.Job, error) {
	return s.startPlanned(ctx, Restore, in)
}

// StartDownload starts the download of a plan, as StartRestore does.
func (s *Service) StartDownload(ctx context.Context, in Start) (*restore.Job, error) {
	return s.startPlanned(ctx, Download, in)
}

func (s *Service) startPlanned(ctx context.Context, kind Kind, in Start) (*restore.Job, error) {
	c, err := parse(in.Confirmation)
	if err != nil {
		return nil, err
	}
	o := c.Order
	if o.Kind != kind {
		return nil, refuse(ConfirmationInvalid, "this is the confirmation of a %s, and not of a %s", o.Kind, kind)
	}
	caller, err := s.begin(ctx, o)
	if err != nil {
		return nil, err
	}
	result, err := s.once(ctx, caller, o, in.IdempotencyKey, func() (prepared, error) {
		if err := s.verify(ctx, caller, c); err != nil {
			return prepared{}, err
		}
		named := o.Target.Name
		if kind == Download {
			named = o.Source.Name
		}
		if in.ClusterName != named {
			return prepared{}, refuse(NameMismatch, "the name does not agree with the plan, which is for the cluster %s", named)
		}
		p, err := s.look(ctx, o)
		if err != nil {
			return prepared{}, err
		}
		if changes := c.Facts.changes(p.facts); len(changes) > 0 {
			return prepared{}, planChanged(changes)
		}
		if len(p.Refusals) > 0 {
			return prepared{}, refuse(NotPossible, "%s", p.Refusals[0].Message)
		}
		return prepared{
			plan: c.Plan, facts: p.facts, spend: func() error { return s.spend(ctx, &c) },
			unspend: func(ctx context.Context) { s.unspend(ctx, &c) },
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return result.job, nil
}

func planChanged(changes []Change) error {
	e := refuse(PlanChanged, "something has changed since the plan: %s was %q and is %q now. Plan again, and read what it "+
		"says", changes[0].What, changes[0].Before, changes[0].Now)
	e.Changes = changes
	return e
}

// unspend lets a confirmation be used again whose request was certainly not executed.
func (s *Service) unspend(ctx context.Context, c *confirmation) {
	if left := time.Unix(c.Expires, 0).Sub(s.config.Now()); left > 0 && c.key != nil {
		if _, err := s.config.Ledger.Add(ctx, c.key, min(left, ConfirmationTTL), kindPlan, c.Plan); err != nil {
			s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "a confirmation cannot be used again", slog.String("error", err.Error()))
		}
	}
}

// prepared is an action that may be sent.
type prepared struct {
	plan  string
	facts facts
	// spend uses up the confirmation, and unspend takes that back; nil where there is none.
	spend   func() error
	unspend func(ctx context.Context)
}

// once makes an action once for each idempotency key of the caller. prepare checks that it may be made.
func (s *Service) once(
	ctx context.Context, caller *authz.Caller, o order, key string, prepare func() (prepared, error),
) (started, error) {
	if err := checkKey(key); err != nil {
		return started{}, err
	}
	name := []string{callerID(caller), key}
	switch earlier, exists, err := s.entryOf(ctx, name); {
	case err != nil:
		return started{}, unrecorded(err)
	case exists:
		return s.repeat(ctx, name, o, earlier)
	}
	if err := s.config.Switch.check(ctx); err != nil {
		return started{}, s.refused(ctx, o, "", err)
	}
	p, err := prepare()
	if err != nil {
		// The same action of another request may be what has changed.
		if earlier, exists, ledgerErr := s.entryOf(ctx, name); ledgerErr == nil && exists {
			return s.repeat(ctx, name, o, earlier)
		}
		return started{}, s.refused(ctx, o, p.plan, err)
	}
	acts, release, err := s.credentialFor(ctx, o)
	if err != nil {
		return started{}, s.refused(ctx, o, p.plan, err)
	}
	defer release()
	e := &entry{
		Order: o, Plan: p.plan, Facts: p.facts, Known: p.facts.known, Begun: s.config.Now().UnixMilli(), Outcome: outcomeStarting,
	}
	switch added, err := s.config.Ledger.Add(ctx, e.encode(), OutcomeTTL, kindStart, name...); {
	case err != nil:
		return started{}, s.refused(ctx, o, p.plan, unrecorded(err))
	case !added:
		earlier, _, err := s.entryOf(ctx, name)
		if err != nil || earlier == nil {
			return started{}, unrecorded(err)
		}
		return s.repeat(ctx, name, o, earlier)
	}
	if err := s.commit(ctx, e, p, key); err != nil {
		s.release(ctx, name)
		return started{}, s.refused(ctx, o, p.plan, err)
	}
	return s.send(ctx, acts, name, e, p)
}

// checkKey returns an error for an idempotency key that is none.
func checkKey(key string) error {
	printable := !slices.ContainsFunc([]byte(key), func(c byte) bool { return c < ' ' || c > '~' })
	if key == "" || len(key) > MaxKeyBytes || !printable {
		return refuse(InvalidInput, "idempotencyKey must have 1 to %d characters of ASCII, such as a random UUID that is made "+
			"when a person decides to start", MaxKeyBytes)
	}
	return nil
}

// commit does what must have been done before the request is sent: the line of the audit log, the use of the confirmation,
// and a last look at the switch.
func (s *Service) commit(ctx context.Context, e *entry, p prepared, key string) error {
	line := e.Order.line("starting", p.plan, "", "")
	line.TargetClusterID, line.IdempotencyKey = p.facts.TargetID, key
	if err := s.config.Audit(ctx, line); err != nil {
		return unrecorded(err)
	}
	if err := s.config.Switch.check(ctx); err != nil {
		return err
	}
	if p.spend == nil {
		return nil
	}
	return p.spend()
}

// send sends the request of an action, and records its outcome. It goes on when the caller leaves.
func (s *Service) send(
	ctx context.Context, acts *restore.Actions, name []string, e *entry, p prepared,
) (started, error) {
	s.running.Add(1)
	defer s.running.Done()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	ctx = unbounded(ctx)
	result, err := request(ctx, acts, e.Order, e.Facts)
	s.forgetAll(ctx, e.Order)
	var failure *atlas.Error
	switch {
	case err == nil:
		return result, s.finish(ctx, name, e, outcomeStarted, result.id(), nil)
	case errors.As(err, &failure) && !failure.Uncertain && isTemporary(failure):
		// Nothing was executed, so that the same request can be made again.
		s.release(ctx, name)
		if p.unspend != nil {
			p.unspend(ctx)
		}
		s.record(ctx, e.Order.line("outcome", e.Plan, "NOT_SENT", err.Error()))
		return started{}, err
	case errors.As(err, &failure) && !failure.Uncertain:
		return started{}, s.finish(ctx, name, e, outcomeRejected, "", failure)
	}
	s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "the answer to an action was lost: it is looked for",
		slog.String("action", string(e.Order.Kind)), slog.String("plan", e.Plan), slog.String("error", err.Error()))
	for _, wait := range lookups {
		if !sleep(ctx, wait) {
			break
		}
		if result, candidates := s.find(ctx, e); len(candidates) == 1 {
			return result, s.finish(ctx, name, e, outcomeStarted, candidates[0], nil)
		} else if len(candidates) > 1 {
			break
		}
	}
	return started{}, s.unknown(ctx, name, e, err)
}

// isTemporary reports whether the same request may succeed later.
func isTemporary(e *atlas.Error) bool {
	return e.Kind != atlas.KindAnswered || e.Status == http.StatusTooManyRequests
}

// sleep waits, and reports whether ctx has not ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// request sends the request of an order.
func request(ctx context.Context, acts *restore.Actions, o order, f facts) (started, error) {
	tier := restore.Dedicated
	if f.Tier == tierNames[restore.Flex] {
		tier = restore.Flex
	}
	var result started
	var err error
	switch o.Kind {
	case Snapshot:
		result.snapshot, err = acts.TakeSnapshot(ctx, o.Source, o.Description, o.RetentionDays)
	case Download:
		result.job, err = acts.Download(ctx, tier, restore.SnapshotKey{
			GroupID: o.Source.GroupID, ClusterName: o.Source.Name, SnapshotID: o.SnapshotID,
		})
	default:
		result.job, err = acts.Restore(ctx, restore.Order{
			Source: o.Source, Tier: tier, SnapshotID: o.SnapshotID, PointInTime: time.Unix(o.PointInTime, 0), Target: o.Target,
		})
	}
	return result, err
}

// forgetAll has all read again that the action has changed.
func (s *Service) forgetAll(ctx context.Context, o order) {
	s.config.Forget(ctx, o.Source)
	if o.Target.Name != "" && o.Target != o.Source {
		s.config.Forget(ctx, o.Target)
	}
}

// finish records the outcome of an action, and returns its error.
func (s *Service) finish(
	ctx context.Context, name []string, e *entry, is outcome, id string, failure *atlas.Error,
) error {
	e.Outcome, e.ID = is, id
	line := e.Order.line("outcome", e.Plan, string(is), "")
	if e.Order.Kind == Snapshot {
		line.SnapshotID = id
	} else {
		line.JobID = id
	}
	var err error
	if failure != nil {
		line.Reason = failure.Error()
		e.Failure = &rejection{
			Op: failure.Op, ErrorCode: failure.ErrorCode, Reason: failure.Reason, Detail: failure.Detail,
			Status: failure.Status, Parameters: failure.Parameters, Roles: failure.RequiredRoles,
		}
		err = failure
	}
	s.remember(ctx, name, e)
	s.record(ctx, line)
	return err
}

// unknown records that the outcome is not known, and returns the error.
func (s *Service) unknown(ctx context.Context, name []string, e *entry, cause error) error {
	_, candidates := s.find(ctx, e)
	e.Outcome = outcomeUnknown
	s.remember(ctx, name, e)
	s.record(ctx, e.Order.line("outcome", e.Plan, string(outcomeUnknown), cause.Error()))
	return &OutcomeUnknownError{Action: e.Order.Kind, Cluster: e.Order.Source, Candidates: candidates, Err: cause}
}

// remember stores the outcome. Without it another request with the same key looks for the job again.
func (s *Service) remember(ctx context.Context, name []string, e *entry) {
	if err := s.config.Ledger.Set(ctx, e.encode(), OutcomeTTL, kindStart, name...); err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelError, "the outcome of an action cannot be remembered: another request with its key "+
			"looks for it again", slog.String("plan", e.Plan), slog.String("error", err.Error()))
	}
}

// release forgets an action that was not sent.
func (s *Service) release(ctx context.Context, name []string) {
	if _, _, err := s.config.Ledger.Take(context.WithoutCancel(ctx), kindStart, name...); err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "an action that was not sent cannot be forgotten",
			slog.String("error", err.Error()))
	}
}

func (e *entry) encode() []byte {
	text, err := json.Marshal(e) //nolint:musttag // the keys of clusters; it lives a day
	if err != nil {
		panic(err) // it has only texts and numbers
	}
	return text
}

// entryOf returns what is remembered of an idempotency key.
func (s *Service) entryOf(ctx context.Context, name []string) (e *entry, exists bool, err error) {
	text, exists, err := s.config.Ledger.Get(ctx, kindStart, name...)
	if err != nil || !exists {
		return nil, false, err
	}
	e = &entry{}
	return e, true, json.Unmarshal(text, e) //nolint:musttag // as encode
}

// repeat returns the outcome of an action that was begun before. It waits for one that is being made.
func (s *Service) repeat(ctx context.Context, name []string, o order, e *entry) (started, error) {
	if o.digest() != e.Order.digest() {
		return started{}, refuse(KeyReused, "this idempotencyKey belongs to another action of yours: make a new key for each "+
			"action that a person decides on")
	}
	for waited := repeatPoll; e.Outcome == outcomeStarting && !e.isAbandoned(s.config.Now()); waited += repeatPoll {
		if waited >= repeatWait || !sleep(ctx, repeatPoll) {
			break
		}
		if waited%repeatLookup == 0 {
			if result, candidates := s.find(ctx, e); len(candidates) == 1 {
				return result, nil
			}
		}
		next, exists, err := s.entryOf(ctx, name)
		if err != nil {
			return started{}, unrecorded(err)
		}
		if !exists {
			return started{}, refuse(Unrecorded, "the same action was refused meanwhile: plan again")
		}
		e = next
	}
	switch e.Outcome {
	case outcomeStarted:
		return s.read(ctx, e)
	case outcomeRejected:
		return started{}, e.Failure.error()
	case outcomeStarting, outcomeUnknown:
	}
	result, candidates := s.find(ctx, e)
	if len(candidates) == 1 {
		return result, s.finish(ctx, name, e, outcomeStarted, candidates[0], nil)
	}
	return started{}, &OutcomeUnknownError{
		Action: e.Order.Kind, Cluster: e.Order.Source, Candidates: candidates, Err: errNoOutcome,
	}
}

var errNoOutcome = errors.New("actions: no outcome is recorded")

// isAbandoned reports whether the process that was to send the request has ended since.
func (e *entry) isAbandoned(now time.Time) bool {
	return now.Sub(time.UnixMilli(e.Begun)) > sendTimeout+10*time.Second
}

// read reads the result of an action again.
func (s *Service) read(ctx context.Context, e *entry) (started, error) {
	source := e.Order.Source
	var result started
	var err error
	if e.Order.Kind == Snapshot {
		result.snapshot, err = s.config.Reader.Snapshot(ctx, restore.SnapshotKey{
			GroupID: source.GroupID, ClusterName: source.Name, SnapshotID: e.ID,
		})
	} else {
		result.job, err = s.config.Reader.Job(ctx, restore.AnyTier, restore.Key{
			GroupID: source.GroupID, ClusterName: source.Name, JobID: e.ID,
		})
	}
	return result, err
}

// find looks for the result of an action in the lists of Atlas: what it would have started, and was not there before. It
// returns the ids of all that it may be, and the result where it is the only one.
func (s *Service) find(ctx context.Context, e *entry) (result started, candidates []string) {
	ctx = restore.WithNoCache(ctx)
	if e.Order.Kind == Snapshot {
		return s.findSnapshot(ctx, e)
	}
	list, err := s.config.Reader.Jobs(ctx,
		restore.JobQuery{Cluster: e.Order.Source, Tier: restore.AnyTier, First: listedJobs})
	if err != nil {
		s.config.Logger.LogAttrs(ctx, slog.LevelWarn, "the jobs cannot be read in which a lost answer is looked for",
			slog.String("error", err.Error()))
		return started{}, nil
	}
	for _, j := range list.Jobs {
		if e.Order.isOf(j) && e.isNew(j.JobID, j.CreatedAt()) {
			result.job, candidates = j, append(candidates, j.JobID)
		}
	}
	return result, candidates
}

// clockDifference is by how much the clocks of Atlas and of the gateway may differ.
const clockDifference = 5 * time.Minute

// isNew reports whether an id was made for the action, as far as is known.
func (e *entry) isNew(id string, created time.Time) bool {
	return !slices.Contains(e.Known, id) && !created.Before(time.UnixMilli(e.Begun).Add(-clockDifference))
}

// unbounded returns a context whose reads count for no caller and no operation: what was sent must be looked at also where
// their calls are spent.
func unbounded(ctx context.Context) context.Context {
	return authz.Unlimited(atlas.WithMeter(ctx, &atlas.Meter{}))
}
