package restore

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

const (
	maxHiddenJobs = 2000
	hiddenJobTTL  = time.Hour
)

// hiddenJobs has the jobs with download URLs that this process has read. In the store of all processes they stand as sums
// of what they are, without their URLs: a process that has read the same job finds it here, and others read it. It is
// safe for concurrent use; nil hides nothing.
type hiddenJobs struct{ jobs *ttlMap[string, *Job] }

func newHiddenJobs() *hiddenJobs {
	return &hiddenJobs{newTTLMap[string, *Job](maxHiddenJobs, hiddenJobTTL)}
}

// hiddenJob is the place of a job among others, and its sum.
type hiddenJob struct {
	Index int
	Sum   string
}

var errHidden = errors.New("restore: a job has download URLs, and this process has not read it")

// jobsFormat is how jobs are stored.
type jobsFormat struct {
	Jobs   []*Job      // null where it is hidden
	Hidden []hiddenJob `json:",omitzero"`
}

// format returns jobs as they are stored; false where one of them could not be read.
func (h *hiddenJobs) format(jobs []*Job) (f jobsFormat, ok bool) {
	if jobs != nil {
		f.Jobs = make([]*Job, len(jobs))
	}
	for i, j := range jobs {
		if j.Err != nil {
			return jobsFormat{}, false
		}
		if h == nil || !j.HasDownload() {
			f.Jobs[i] = j
			continue
		}
		encoded, ok := encode(j)
		if !ok {
			return jobsFormat{}, false
		}
		sum := sha256.Sum256(encoded)
		hidden := hiddenJob{i, hex.EncodeToString(sum[:])}
		h.jobs.set(hidden.Sum, j)
		f.Hidden = append(f.Hidden, hidden)
	}
	return f, true
}

// restore returns the jobs, which were read at this time.
func (h *hiddenJobs) restore(f jobsFormat, readAt time.Time) ([]*Job, error) {
	for _, hidden := range f.Hidden {
		if h == nil || hidden.Index < 0 || hidden.Index >= len(f.Jobs) {
			return nil, errHidden
		}
		known, ok := h.jobs.get(hidden.Sum)
		if !ok {
			return nil, errHidden
		}
		job := *known
		f.Jobs[hidden.Index] = &job
	}
	for _, j := range f.Jobs {
		if j == nil {
			return nil, errNoItem
		}
		j.readAt = readAt
	}
	return f.Jobs, nil
}
