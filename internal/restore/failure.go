package restore

import "atlas-restore-gateway/internal/atlas"

// FirstFailure returns the error to tell where several calls make one answer and none of
// them brought it: a failure that may pass, or an answer that cannot be understood, before
// what Atlas refuses, and that before what Atlas says does not exist. So an absence never
// hides a failure. Of errors of one sort it is the first; nil of none.
func FirstFailure(errs ...error) error {
	var first error
	best := maxWeight
	for _, err := range errs {
		if err == nil {
			continue
		}
		if w := failureWeight(err); w < best {
			first, best = err, w
		}
	}
	return first
}

const maxWeight = 3

// failureWeight is less for what must be told before others.
func failureWeight(err error) int {
	e := atlas.AnswerOf(err)
	switch {
	case e == nil || !saysWhat(e):
		return 0
	case !isAbsence(err):
		return 1
	default:
		return 2
	}
}

// isAbsence reports whether Atlas itself says that what was asked for does not exist, or
// not in this API.
func isAbsence(err error) bool {
	switch judge(AnyTier, err) {
	case disowns, unclear, gone:
		return true
	case owns:
		return err != nil
	default:
		return atlas.IsNotFound(err)
	}
}
