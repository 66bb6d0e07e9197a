// Package actions starts restores, downloads and snapshots, and cancels restores, so that none happens twice and none
// overwrites what was not named. An action of which much can be lost takes two steps: a plan, which reads and tells what
// will happen, and a start, which needs the confirmation of the plan. The confirmation is bound to the caller, to what was
// asked for and to what was read; it can be used once, within ten minutes.
//
// A request is sent to Atlas once. Where its answer is lost the job is looked for in the lists of Atlas, and the result is
// that job, or an error that says that the outcome is unknown. Before and after it a line is written to the audit log.
package actions
