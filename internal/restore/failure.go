package restore

import "atlas-restore-gateway/internal/atlas"

// FirstFailure returns the error of an answer for which several calls were made in vain: a failure that may pass, or an
// answer that is malformed, before a refusal of Atlas, and that before the answer that something does not exist. So an
// absence never hides a failure. Of errors of one rank it returns the first, and nil where there is none.
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

// failureRank is lower for an error that must be returned before others.
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

// isMissing reports whether Atlas itself says that what was asked for does not exist, or not in this API.
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
