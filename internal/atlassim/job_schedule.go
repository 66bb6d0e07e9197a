package atlassim

import "time"

// ending is how a job ends.
type ending int

const (
	succeeds ending = iota
	// delivers is the success of a download: it can be fetched for a while and then expires.
	delivers
	fails
	isCancelled
	// failsAndIsCancelled is a job whose cancellation failed: it has both flags.
	failsAndIsCancelled
	// neverEnds is a job that stays running; neverStarts is one that stays queued.
	neverEnds
	neverStarts
)

// schedule is the plan of a job, in time since its creation.
type schedule struct {
	queued       time.Duration // before it runs
	takes        time.Duration // until it ends, the queue included
	fetchableFor time.Duration // how long a download can be fetched
	ends         ending
	// omitsFinishedAt leaves finishedAt out beside failed or cancelled. Atlas does both.
	omitsFinishedAt bool
	// ended is a job that has ended independently of the clock. Documents quote these.
	ended bool
}

// phase is the state of a job.
type phase int

const (
	phaseQueued phase = iota
	phaseRunning
	phaseSucceeded
	phaseReady
	phaseExpired
	phaseFailed
	phaseCancelled
)

// stage is the state of a job at one time. Zero times are not set yet.
type stage struct {
	phase                      phase
	failed, cancelled, expired bool
	finishedAt, expiresAt      time.Time // as the serverless and the Dedicated API send them
	endedAt                    time.Time // when the job ended, also where finishedAt is left out
	fetchable                  bool      // the download can be fetched
}

// at returns the state of a job at a time. It is a pure function.
func (s schedule) at(created, now time.Time) stage {
	age := now.Sub(created)
	if s.ended {
		age = s.takes + s.fetchableFor
	}
	switch {
	case age < s.queued, s.ends == neverStarts:
		return stage{phase: phaseQueued}
	case age < s.takes || s.ends == neverEnds:
		return stage{phase: phaseRunning}
	}
	end := created.Add(s.takes)
	st := stage{finishedAt: end, endedAt: end}
	switch s.ends {
	case delivers:
		// A download that is ready has an expiry and no end, and none after its expiry either (inferred).
		st.finishedAt = time.Time{}
		st.expiresAt = end.Add(s.fetchableFor)
		if age < s.takes+s.fetchableFor {
			st.phase, st.fetchable = phaseReady, true
		} else {
			st.phase, st.expired = phaseExpired, true
		}
		return st
	case fails:
		st.phase, st.failed = phaseFailed, true
	case isCancelled:
		st.phase, st.cancelled = phaseCancelled, true
	case failsAndIsCancelled:
		st.phase, st.failed, st.cancelled = phaseFailed, true, true
	default:
		st.phase = phaseSucceeded
		return st
	}
	if s.omitsFinishedAt {
		st.finishedAt = time.Time{}
	}
	return st
}

// The status of a snapshot in the serverless and the Dedicated API.
const (
	snapshotQueued     = "queued"
	snapshotInProgress = "inProgress"
	snapshotCompleted  = "completed"
	snapshotFailed     = "failed"
)

func (sn *snapshot) status(now time.Time) string {
	switch {
	case sn.ended || !now.Before(sn.finished):
		if sn.failed {
			return snapshotFailed
		}
		return snapshotCompleted
	case now.Before(sn.started):
		return snapshotQueued
	default:
		return snapshotInProgress
	}
}

// frequencyType returns the policy that a snapshot was taken by. That of a snapshot on demand is not documented, but
// the Dedicated API sends it; that the serverless API does, too, is inferred.
func (sn *snapshot) frequencyType() string {
	if sn.onDemand {
		return "ondemand"
	}
	return sn.frequency
}
