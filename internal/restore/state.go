package restore

// State is the state of a job.
type State int

// The states. Atlas's serverless and Dedicated APIs send none: it is derived from flags and dates. The Flex API and
// that of collection restores send their own.
const (
	StateUnknown State = iota
	Pending
	Running
	Ready
	Succeeded
	Failed
	Cancelled
	Expired
	PartiallySucceeded // of collection restores
)

// stateFromFlags derives the state of a job from an API that sends none. The order matters: failed and cancelled can
// both be true, and finishedAt is set beside either, so the worst state comes first.
func stateFromFlags(j *Job) State {
	switch {
	case isTrue(j.Failed):
		return Failed
	case isTrue(j.Cancelled):
		return Cancelled
	case isTrue(j.Expired):
		return Expired
	case j.FinishedAt != nil:
		return Succeeded
	case isReady(j):
		return Ready
	default:
		return Running
	}
}

// isReady reports whether the job is a download that can be fetched. The URLs of a sharded cluster stand in the
// components.
func isReady(j *Job) bool {
	return j.DeliveryType != nil && *j.DeliveryType == Download && j.HasDownload()
}

func isTrue(b *bool) bool { return b != nil && *b }
