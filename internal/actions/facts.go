package actions

import (
	"slices"
	"strings"

	"atlas-restore-gateway/internal/atlas"
	"atlas-restore-gateway/internal/restore"
)

// facts is what a plan has read that must not change before the start, and the ids of jobs that are not the result.
type facts struct {
	Tier           string   `json:"tier"`
	SourceID       string   `json:"sourceId"`
	SnapshotStatus string   `json:"snapshotStatus,omitempty"`
	TargetID       string   `json:"targetId,omitempty"`
	TargetTier     string   `json:"targetTier,omitempty"`
	TargetState    string   `json:"targetState,omitempty"`
	TargetVersion  string   `json:"targetVersion,omitempty"`
	TargetPaused   string   `json:"targetPaused,omitempty"`
	TargetTags     string   `json:"targetTags,omitempty"`
	Running        []string `json:"running,omitempty"` // ids of jobs that restore into the target
	Compliance     string   `json:"compliance,omitempty"`

	known []string // ids of the jobs, or snapshots, that were there before
}

// changes returns what is not as it was.
func (f facts) changes(now facts) []Change {
	var all []Change
	for _, c := range []Change{
		{"the tier of the cluster", f.Tier, now.Tier},
		{"the id of the cluster", f.SourceID, now.SourceID},
		{"the status of the snapshot", f.SnapshotStatus, now.SnapshotStatus},
		{"the id of the target", f.TargetID, now.TargetID},
		{"the tier of the target", f.TargetTier, now.TargetTier},
		{"the state of the target", f.TargetState, now.TargetState},
		{"the version of the target", f.TargetVersion, now.TargetVersion},
		{"whether the target is paused", f.TargetPaused, now.TargetPaused},
		{"the tags of the target", f.TargetTags, now.TargetTags},
		{"the restores into the target", strings.Join(f.Running, ", "), strings.Join(now.Running, ", ")},
		{"the backup compliance policy", f.Compliance, now.Compliance},
	} {
		if c.Before != c.Now {
			all = append(all, c)
		}
	}
	return all
}

// tagsOf returns the tags as one text.
func tagsOf(tags []atlas.Tag) string {
	all := make([]string, 0, len(tags))
	for _, t := range tags {
		all = append(all, valueOf(t.Key)+"="+valueOf(t.Value))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

var tierNames = map[restore.Tier]string{
	restore.Serverless: "serverless", restore.Flex: "Flex", restore.Dedicated: "Dedicated",
}

func tierName(c *restore.Cluster) string {
	if c.Free {
		return "Free"
	}
	return tierNames[c.ServedBy]
}

var snapshotStatusNames = map[restore.SnapshotStatus]string{
	restore.SnapshotPending: "pending", restore.SnapshotQueued: "queued", restore.SnapshotInProgress: "in progress",
	restore.SnapshotCompleted: "completed", restore.SnapshotFailed: "failed",
}
