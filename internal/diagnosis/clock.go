package diagnosis

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// MaxSkew is the largest difference to the clock of Atlas.
const MaxSkew = 30 * time.Second

// compareClocks compares the clock of this machine with the header Date of a response that was requested at start and
// had come at end. Date has whole seconds, so that a difference below one second is not seen.
func compareClocks(host string, header http.Header, start, end time.Time, maxSkew time.Duration) Finding {
	check := "clock: " + host
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return found(check, Warning, "the response has no Date to compare the clock of this machine with",
			"see by other means whether the clock is right (timedatectl, chronyc tracking)")
	}
	if age, err := strconv.Atoi(header.Get("Age")); err == nil && age > 0 {
		date = date.Add(time.Duration(age) * time.Second) // a cache has answered
	}
	// The other clock was between date and a second later, at a time between start and end.
	ahead, behind := start.Sub(date.Add(time.Second)), date.Sub(end)
	switch {
	case ahead <= 0 && behind <= 0:
		return found(check, OK, "the clock of this machine is right, to the second that Date has", "")
	case ahead > 0:
		return skewed(check, ahead, "ahead", maxSkew)
	default:
		return skewed(check, behind, "behind", maxSkew)
	}
}

// skewed returns the finding of a clock that is at least skew off.
func skewed(check string, skew time.Duration, direction string, maxSkew time.Duration) Finding {
	detail := fmt.Sprintf("the clock of this machine is %s %s", max(skew.Round(time.Second), time.Second), direction)
	if skew <= maxSkew {
		return found(check, OK, detail+", which is no harm", "")
	}
	return found(check, Failed, fmt.Sprintf("%s, more than %s", detail, maxSkew),
		"synchronize it (chrony, systemd-timesyncd, or the clock of the host): tokens and certificates are checked by it")
}
