package restore

// State is where a job stands.
type State int

// The states. Atlas's serverless and Dedicated APIs send none: it follows from
// flags and dates.
const (
	StateUnknown State = iota
	Pending
	Running
	Ready
	Succeeded
	Failed
	Cancelled
	Expired
)

// stateFromFlags derives the state of a job from an API that sends none. The order
// matters: failed and cancelled can both be true, and finishedAt stands beside
// either, so the worst news comes first.
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

// isReady is whether the job is a download that can be fetched. The URLs of a sharded
// cluster's stand in its components.
func isReady(j *Job) bool {
	return j.DeliveryType != nil && *j.DeliveryType == Download && j.HasDownload()
}

func isTrue(b *bool) bool { return b != nil && *b }
