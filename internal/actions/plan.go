package actions

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// listedJobs is how many of the newest jobs of a cluster a plan reads: one call.
const listedJobs = 100

// RestoreInput asks for a restore of a snapshot or, where that is empty, of a point in time.
type RestoreInput struct {
	Source      restore.ClusterKey
	SnapshotID  string
	PointInTime time.Time
	Target      restore.ClusterKey
}

// Compliance says what is known of the backup compliance policy of a project.
type Compliance string

// What is known of it.
const (
	ComplianceNone    Compliance = "NONE"    // there is none
	ComplianceActive  Compliance = "ACTIVE"  // there is one
	ComplianceUnknown Compliance = "UNKNOWN" // the credential may not read it, or it could not be read
)

// Remark is a warning, or a reason why an action cannot be started.
type Remark struct{ Code, Message string }

// The codes of remarks.
const (
	CodeOverwritesSource  = "OVERWRITES_SOURCE"
	CodeOtherProject      = "OTHER_PROJECT"
	CodeProtected         = "TERMINATION_PROTECTION"
	CodeOlderVersion      = "OLDER_VERSION"
	CodeStateUnknown      = "STATE_UNKNOWN"
	CodeSnapshotExpires   = "SNAPSHOT_EXPIRES_SOON"
	CodeJobsUnknown       = "RUNNING_RESTORES_UNKNOWN"
	CodeCompliance        = "COMPLIANCE_POLICY"
	CodeComplianceUnknown = "COMPLIANCE_POLICY_UNKNOWN"

	CodeTier               = "TIER_NOT_SUPPORTED"
	CodeTargetTier         = "TARGET_TIER_NOT_SUPPORTED"
	CodeTargetState        = "TARGET_NOT_IDLE"
	CodeTargetPaused       = "TARGET_PAUSED"
	CodeRestoreRunning     = "RESTORE_RUNNING"
	CodeSnapshotIncomplete = "SNAPSHOT_NOT_COMPLETED"
	CodeSnapshotExpired    = "SNAPSHOT_EXPIRED"
	CodeNoPointInTime      = "NO_POINT_IN_TIME_RESTORE"
	CodeOutsideWindow      = "OUTSIDE_RESTORE_WINDOW"
	CodeNoCredential       = "NO_CREDENTIAL" //nolint:gosec // a code
)

// Plan is what an action would do. Values that an action does not have are nil or zero.
type Plan struct {
	Kind        Kind
	Tier        restore.Tier
	Source      *restore.Cluster
	Snapshot    *restore.Snapshot
	PointInTime time.Time
	// DataFrom is the moment whose data is restored; zero where Atlas does not say when the snapshot was taken.
	DataFrom time.Time
	// Those of a restore: where it goes, and which restores into it are running, of the backups of the two clusters.
	TargetProject *atlas.Project
	Target        *restore.Cluster
	Running       []*restore.Job
	// Overwrites says what is lost.
	Overwrites string
	Compliance Compliance
	// Warnings are what a person should know, and Refusals why it cannot be started.
	Warnings, Refusals []Remark
	// Confirmation starts it, until Expires. It is empty where there are refusals.
	Confirmation string
	Expires      time.Time

	facts facts
}

func (p *Plan) warn(code, format string, args ...any) {
	p.Warnings = append(p.Warnings, Remark{code, fmt.Sprintf(format, args...)})
}

func (p *Plan) refuse(code, format string, args ...any) {
	p.Refusals = append(p.Refusals, Remark{code, fmt.Sprintf(format, args...)})
}

// PlanRestore tells what a restore would do, by up to a dozen calls. It changes nothing.
func (s *Service) PlanRestore(ctx context.Context, in RestoreInput) (*Plan, error) {
	o := order{Kind: Restore, Source: in.Source, SnapshotID: in.SnapshotID, Target: in.Target}
	if in.SnapshotID == "" {
		o.PointInTime = in.PointInTime.Unix()
		if in.PointInTime.Nanosecond() != 0 {
			return nil, refuse(InvalidInput, "pointInTime must be a whole second: Atlas has no finer ones")
		}
	}
	return s.plan(ctx, o)
}

// PlanDownload tells what a download would do, by up to eight calls. It changes nothing.
func (s *Service) PlanDownload(ctx context.Context, key restore.SnapshotKey) (*Plan, error) {
	return s.plan(ctx, order{Kind: Download, Source: key.Cluster(), SnapshotID: key.SnapshotID})
}

func (s *Service) plan(ctx context.Context, o order) (*Plan, error) {
	caller, err := s.begin(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.config.Switch.check(ctx); err != nil {
		return nil, s.refused(ctx, o, "", err)
	}
	p, err := s.look(ctx, o)
	if err != nil {
		return nil, err
	}
	if _, release, err := s.credentialFor(ctx, o); err == nil {
		release()
	} else {
		p.refuse(CodeNoCredential, "the gateway has no credential for actions in the project %s", o.Source.GroupID)
	}
	c := confirmation{Plan: rand.Text(), Caller: callerID(caller), Order: o, Facts: p.facts}
	line := o.line("planned", c.Plan, "", "")
	line.TargetClusterID = p.facts.TargetID
	if len(p.Refusals) > 0 {
		line.Outcome, line.Reason = string(NotPossible), p.Refusals[0].Message
		s.record(ctx, line)
		return p, nil
	}
	p.Expires = s.config.Now().Add(ConfirmationTTL).UTC().Truncate(time.Second)
	c.Expires = p.Expires.Unix()
	if err := s.config.Audit(ctx, line); err != nil {
		return nil, unrecorded(err)
	}
	p.Confirmation, err = s.issue(ctx, c)
	return p, err
}

// look reads from Atlas, whatever is cached, what an order would do now.
func (s *Service) look(ctx context.Context, o order) (*Plan, error) {
	ctx = restore.WithNoCache(ctx)
	p := &Plan{Kind: o.Kind, Compliance: ComplianceUnknown}
	var err error
	// First the cluster: then its tier is known to the other reads.
	if p.Source, err = s.config.Reader.Cluster(ctx, o.Source); err != nil {
		return nil, err
	}
	p.Tier = p.Source.ServedBy
	var policy *restore.CompliancePolicy
	var schedule *atlas.BackupSchedule
	var jobs, targetJobs *restore.Jobs
	var policyErr, jobsErr error
	reads, readsCtx := errgroup.WithContext(ctx)
	if o.SnapshotID != "" {
		reads.Go(func() (err error) {
			p.Snapshot, err = s.config.Reader.Snapshot(readsCtx, restore.SnapshotKey{
				GroupID: o.Source.GroupID, ClusterName: o.Source.Name, SnapshotID: o.SnapshotID,
			})
			return err
		})
	} else if p.Tier == restore.Dedicated {
		reads.Go(func() (err error) {
			schedule, err = s.config.Reader.BackupSchedule(readsCtx, o.Source)
			return err
		})
	}
	list := func(key restore.ClusterKey) (*restore.Jobs, error) {
		return s.config.Reader.Jobs(readsCtx, restore.JobQuery{Cluster: key, Tier: restore.AnyTier, First: listedJobs})
	}
	reads.Go(func() (err error) {
		jobs, err = list(o.Source)
		return err
	})
	if o.Kind == Restore {
		reads.Go(func() (err error) {
			p.TargetProject, err = s.config.Reader.Project(readsCtx, o.Target.GroupID)
			return err
		})
		reads.Go(func() (err error) {
			if p.Target = p.Source; o.Target == o.Source {
				return nil
			}
			if p.Target, err = s.config.Reader.Cluster(readsCtx, o.Target); err != nil || p.Target.Free {
				return err
			}
			// Without them it is only not known which restores into the target are running.
			targetJobs, jobsErr = list(o.Target)
			return nil
		})
	}
	if p.Tier == restore.Dedicated {
		reads.Go(func() error {
			policy, policyErr = s.config.Reader.BackupCompliancePolicy(readsCtx, o.Source.GroupID)
			return nil
		})
	}
	if err := reads.Wait(); err != nil {
		return nil, err
	}
	p.checkCompliance(policy, policyErr)
	p.facts = facts{Tier: tierName(p.Source), SourceID: p.Source.ID, Compliance: string(p.Compliance)}
	p.checkBackup(o, schedule, policy, s.config.Now())
	if o.Kind == Restore {
		p.checkTarget(o, append(runningInto(o, jobs), runningInto(o, targetJobs)...), jobsErr)
	}
	for _, j := range jobs.Jobs {
		p.facts.known = append(p.facts.known, j.JobID)
	}
	return p, nil
}

// runningInto returns the jobs of a list, which may be nil, that restore into the target and have not ended.
func runningInto(o order, list *restore.Jobs) (running []*restore.Job) {
	if list == nil {
		return nil
	}
	for _, j := range list.Jobs {
		if j.Err == nil && o.goesInto(j) && (j.State == restore.Pending || j.State == restore.Running) {
			running = append(running, j)
		}
	}
	return running
}

// checkCompliance notes what is known of the compliance policy. One of another kind of cluster than a Dedicated one does
// not exist.
func (p *Plan) checkCompliance(policy *restore.CompliancePolicy, err error) {
	switch {
	case err != nil:
		p.warn(CodeComplianceUnknown, "whether a backup compliance policy has a say is not known: the gateway's credential "+
			"cannot read it (Project Owner)")
	case policy != nil:
		p.Compliance = ComplianceActive
		p.warn(CodeCompliance, "the project has a backup compliance policy: Atlas refuses what it forbids")
	default:
		p.Compliance = ComplianceNone
	}
}

// snapshotWarnsBefore is the time before the expiry of a snapshot in which a plan warns.
const snapshotWarnsBefore = time.Hour

// checkBackup looks at what is to be restored or downloaded.
func (p *Plan) checkBackup(
	o order, schedule *atlas.BackupSchedule, policy *restore.CompliancePolicy, now time.Time,
) {
	if p.Tier != restore.Dedicated && p.Tier != restore.Flex || p.Source.Free {
		p.refuse(CodeTier, "actions are for Dedicated and Flex clusters, and %s is a %s one", o.Source.Name,
			tierName(p.Source))
	}
	if p.Snapshot == nil {
		p.checkPoint(o, schedule, policy, now)
		return
	}
	status := restore.SnapshotUnknown
	if p.Snapshot.Status != nil {
		status = *p.Snapshot.Status
	}
	p.facts.SnapshotStatus = snapshotStatusNames[status]
	for _, at := range []*time.Time{p.Snapshot.StartTime, p.Snapshot.CreatedAt, p.Snapshot.FinishTime} {
		if at != nil && p.DataFrom.IsZero() {
			p.DataFrom = *at
		}
	}
	if status != restore.SnapshotCompleted {
		p.refuse(CodeSnapshotIncomplete, "the snapshot is not completed")
	}
	switch expires := p.Snapshot.ExpiresAt; {
	case expires == nil:
	case !now.Before(*expires):
		p.refuse(CodeSnapshotExpired, "the snapshot expired at %s", expires.UTC().Format(time.RFC3339))
	case now.Add(snapshotWarnsBefore).After(*expires):
		p.warn(CodeSnapshotExpires, "the snapshot expires at %s", expires.UTC().Format(time.RFC3339))
	}
}

// checkPoint looks at a point in time.
func (p *Plan) checkPoint(
	o order, schedule *atlas.BackupSchedule, policy *restore.CompliancePolicy, now time.Time,
) {
	p.PointInTime = time.Unix(o.PointInTime, 0).UTC()
	p.DataFrom = p.PointInTime
	if p.Source.PITEnabled == nil || !*p.Source.PITEnabled {
		p.refuse(CodeNoPointInTime, "the cluster %s has no continuous backup, so it can be restored to snapshots alone",
			o.Source.Name)
		return
	}
	days := int64(0)
	if schedule != nil && schedule.RestoreWindowDays != nil {
		days = *schedule.RestoreWindowDays
	}
	if policy != nil && policy.RestoreWindowDays != nil {
		days = max(days, *policy.RestoreWindowDays)
	}
	switch {
	case p.PointInTime.After(now):
		p.refuse(CodeOutsideWindow, "the point in time is in the future")
	case days > 0 && now.Sub(p.PointInTime) > time.Duration(days)*24*time.Hour:
		p.refuse(CodeOutsideWindow, "the point in time is older than the restore window of %d days", days)
	}
}

// checkTarget looks at the cluster that a restore overwrites.
func (p *Plan) checkTarget(o order, running []*restore.Job, jobsErr error) {
	target := p.Target
	slices.SortFunc(running, func(a, b *restore.Job) int { return strings.Compare(a.JobID, b.JobID) })
	p.Running = slices.CompactFunc(running, func(a, b *restore.Job) bool { return a.JobID == b.JobID })
	f := &p.facts
	f.TargetID, f.TargetTier, f.TargetState = target.ID, tierName(target), valueOf(target.StateName)
	f.TargetVersion, f.TargetTags = valueOf(target.MongoDBVersion), tagsOf(target.Tags)
	if target.Paused != nil {
		f.TargetPaused = strconv.FormatBool(*target.Paused)
	}
	for _, j := range p.Running {
		f.Running = append(f.Running, j.JobID)
	}
	project := o.Target.GroupID
	if p.TargetProject.Name != nil {
		project = *p.TargetProject.Name + " (" + project + ")"
	}
	p.Overwrites = fmt.Sprintf("Atlas removes all data of the cluster %s of the project %s before it restores.",
		o.Target.Name, project)
	p.checkTargetState()
	if len(p.Running) > 0 {
		p.refuse(CodeRestoreRunning, "a restore into %s is running: %s", o.Target.Name, strings.Join(f.Running, ", "))
	}
	if jobsErr != nil {
		p.warn(CodeJobsUnknown, "whether a restore of a backup of %s into itself is running is not known: its jobs could "+
			"not be read", o.Target.Name)
	}
	if o.Target == o.Source {
		p.warn(CodeOverwritesSource, "the restore overwrites the cluster that the backup is of")
	}
	if o.Target.GroupID != o.Source.GroupID {
		p.warn(CodeOtherProject, "the target is in another project than the backup")
	}
	if target.TerminationProtectionEnabled != nil && *target.TerminationProtectionEnabled {
		p.warn(CodeProtected, "the target has termination protection, which does not protect its data from a restore")
	}
	if p.Snapshot != nil && p.Snapshot.MongoDBVersion != nil && isOlder(f.TargetVersion, *p.Snapshot.MongoDBVersion) {
		p.warn(CodeOlderVersion, "the target runs MongoDB %s, and the snapshot is of %s: Atlas may refuse it",
			f.TargetVersion, *p.Snapshot.MongoDBVersion)
	}
}

func (p *Plan) checkTargetState() {
	target := p.Target
	switch {
	case target.Free, p.Tier == restore.Dedicated && target.ServedBy != restore.Dedicated,
		target.ServedBy != restore.Dedicated && target.ServedBy != restore.Flex:
		p.refuse(CodeTargetTier, "a backup of a %s cluster cannot be restored into a %s one", tierName(p.Source),
			tierName(target))
	case target.Paused != nil && *target.Paused:
		p.refuse(CodeTargetPaused, "the target is paused: resume it first")
	case target.StateName == nil:
		p.warn(CodeStateUnknown, "Atlas does not say in which state the target is")
	case *target.StateName != "IDLE":
		p.refuse(CodeTargetState, "the target is in the state %s: wait until it is IDLE", *target.StateName)
	}
}

// isOlder reports whether the major version of one is lower than that of the other. Versions that are no numbers are not.
func isOlder(version, than string) bool {
	var a, b, aMinor, bMinor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &a, &aMinor); n < 2 {
		return false
	}
	if n, _ := fmt.Sscanf(than, "%d.%d", &b, &bMinor); n < 2 {
		return false
	}
	return a < b || a == b && aMinor < bMinor
}
