package restore

import "atlas-restore-gateway/internal/atlas"

// FirstFailure returns the error to tell where several calls make one answer and none of
// them brought it: a failure that may pass, or an answer that cannot be understood, before
// what Atlas refuses, and that before what Atlas says does not exist. So an absence never
// hides a failure. Of errors of one sort it is the first; nil of none.
func FirstFailure(errs ...error) error {
	var first error
	best := maxFailureRank
	for _, err := range errs {
		if err == nil {
			continue
		}
		if w := failureRank(err); w < best {
			first, best = err, w
		}
	}
	return first
}

const maxFailureRank = 3

// failureWeight is less for what must be told before others.
func failureRank(err error) int {
	e := atlas.AnswerOf(err)
	switch {
	case e == nil || !tellsCause(e):
		return 0
	case !isMissing(err):
		return 1
	default:
		return 2
	}
}

// isAbsence reports whether Atlas itself says that what was asked for does not exist, or
// not in this API.
func isMissing(err error) bool {
	switch classify(AnyTier, err) {
	case outcomeNotHere, outcomeUnclear, outcomeRetired:
		return true
	case outcomeFound:
		return err != nil
	default:
		return atlas.IsNotFound(err)
	}
}
