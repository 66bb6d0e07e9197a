package atlassim

import "time"

// ending is what becomes of a job in the end.
type ending int

const (
	succeeds ending = iota
	// delivers is the good end of a download: it can be fetched for a while and then expires.
	delivers
	fails
	isCancelled
	// failsAndIsCancelled happens: a job whose cancellation went wrong has both flags.
	failsAndIsCancelled
	// neverEnds keeps a job running, for as long as somebody looks; neverStarts keeps it waiting.
	neverEnds
	neverStarts
)

// life is the plan of a job, in time since its creation.
type life struct {
	queued time.Duration // before it runs
	takes  time.Duration // until it ends, the queue included
	keeps  time.Duration // how long a download can be fetched
	ends   ending
	// silent leaves finishedAt out beside failed or cancelled. Atlas does both.
	silent bool
	// settled jobs have come to their end whatever the clock says: the fixed ones, which documents quote.
	settled bool
}

// phase is where a job stands.
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

// stage is a job at one moment. Zero times are not set yet.
type stage struct {
	phase                      phase
	failed, cancelled, expired bool
	finishedAt, expiresAt      time.Time // as the serverless and the Dedicated API tell them
	endedAt                    time.Time // when the work was over, whether those tell it or not
	fetchable                  bool      // the download is there
}

// at tells where a life stands at a moment. It is the only place that knows, and it remembers nothing.
func (l life) at(created, now time.Time) stage {
	age := now.Sub(created)
	if l.settled {
		age = l.takes + l.keeps
	}
	switch {
	case age < l.queued, l.ends == neverStarts:
		return stage{phase: phaseQueued}
	case age < l.takes || l.ends == neverEnds:
		return stage{phase: phaseRunning}
	}
	end := created.Add(l.takes)
	st := stage{finishedAt: end, endedAt: end}
	switch l.ends {
	case delivers:
		// A download that is ready has an expiry and no end, and none after its expiry either (inferred).
		st.finishedAt = time.Time{}
		st.expiresAt = end.Add(l.keeps)
		if age < l.takes+l.keeps {
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
	if l.silent {
		st.finishedAt = time.Time{}
	}
	return st
}

// How far a snapshot is, in the words of the serverless and the Dedicated API.
const (
	snapshotQueued     = "queued"
	snapshotInProgress = "inProgress"
	snapshotCompleted  = "completed"
	snapshotFailed     = "failed"
)

func (sn *snapshot) status(now time.Time) string {
	switch {
	case sn.settled || !now.Before(sn.finished):
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

// frequencyType says which policy a snapshot was taken by. One on demand has a word of its own, which is not
// documented, but sent by the Dedicated API; that the serverless API sends it too is inferred.
func (sn *snapshot) frequencyType() string {
	if sn.onDemand {
		return "ondemand"
	}
	return sn.frequency
}
