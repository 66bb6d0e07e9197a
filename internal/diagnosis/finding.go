package diagnosis

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// Timeout bounds a check, and of a credential the check of each of its projects.
	Timeout = 15 * time.Second
	// maxConcurrent is how many checks are made at the same time.
	maxConcurrent = 8
)

// Result is the result of a check.
type Result string

// The results of a check. After a warning the gateway works, but for what the finding says.
const (
	OK      Result = "ok"
	Warning Result = "warning"
	Failed  Result = "failed"
)

// Finding is what a check has seen. The names of its members in JSON do not change.
type Finding struct {
	Check  string `json:"check"` // what was checked
	OK     bool   `json:"ok"`    // false only of Failed
	Result Result `json:"result"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"` // what to do, unless the result is OK
	// Rights are what a credential may read in a project.
	Rights []Right `json:"rights,omitempty"`
}

// found returns a finding. The advice is left out where there is nothing to do.
func found(check string, result Result, detail, advice string) Finding {
	if result == OK {
		advice = ""
	}
	return Finding{Check: check, OK: result != Failed, Result: result, Detail: detail, Advice: advice}
}

// Check is one check, or several of which one needs the result of another. It is bounded in time.
type Check func(ctx context.Context) []Finding

// Single returns a check with one finding. Its run returns the detail; after an error the result is Failed with the
// advice for that error.
func Single(name string, run func(context.Context) (string, error), advice func(error) string) Check {
	return func(ctx context.Context) []Finding {
		ctx, cancel := context.WithTimeout(ctx, Timeout)
		defer cancel()
		detail, err := run(ctx)
		if err != nil {
			return []Finding{found(name, Failed, err.Error(), advice(err))}
		}
		return []Finding{found(name, OK, detail, "")}
	}
}

// Known returns a check with findings that are known already.
func Known(findings ...Finding) Check {
	return func(context.Context) []Finding { return findings }
}

// Run makes the checks, several at the same time, and returns their findings in the order of the checks.
func Run(ctx context.Context, checks []Check) []Finding {
	return inOrder(maxConcurrent, checks, func(check Check) []Finding { return check(ctx) })
}

// inOrder calls f for each element, at most limit at the same time, and joins the results in the order of the elements.
func inOrder[T, R any](limit int, elements []T, f func(T) []R) []R {
	results := make([][]R, len(elements))
	var group errgroup.Group
	group.SetLimit(limit)
	for i, e := range elements {
		group.Go(func() error {
			results[i] = f(e)
			return nil
		})
	}
	_ = group.Wait() // no function returns an error
	var all []R
	for _, r := range results {
		all = append(all, r...)
	}
	return all
}

// Failures returns how many checks have failed.
func Failures(findings []Finding) (n int) {
	for _, f := range findings {
		if !f.OK {
			n++
		}
	}
	return n
}

// WriteJSON writes the findings as an array.
func WriteJSON(w io.Writer, findings []Finding) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(findings)
}
