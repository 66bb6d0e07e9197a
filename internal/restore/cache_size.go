package restore

import (
	"github.com/go-json-experiment/json/jsontext"

	"atlas-restore-gateway/internal/atlas"
)

// About how many bytes values hold, without what differs much among them. A third of it is for what the allocator
// loses: a job of a list holds 1400 with its links, its key and its place in the cache, and counts for 1850.
const (
	jobBytes      = 1000
	snapshotBytes = 700
	clusterBytes  = 600
	projectBytes  = 600

	linkBytes       = 200
	usualLinks      = 3
	tagBytes        = 150
	usualTags       = 2
	privateURLBytes = 400
)

func jobSize(j *Job) int {
	bytes := jobBytes + 400*len(j.Components) + textBytes(j.DeliveryURL) + len(j.Links) +
		privateURLBytes*len(j.PrivateDownloadDeliveryURLs)
	for _, c := range j.Components {
		bytes += privateURLBytes * len(c.PrivateDownloadDeliveryURLs)
	}
	if c := j.Collections; c != nil {
		bytes += tagBytes * (2 + len(c.Collections) + len(c.Databases))
	}
	return bytes
}

func exportSize(e *atlas.SnapshotExport) int {
	return projectBytes + linksSize(e.Links) + tagBytes*(len(e.CustomData)+len(e.Components))
}

func bucketSize(b *atlas.ExportBucket) int { return projectBytes + linksSize(b.Links) }

func policySize(p *CompliancePolicy) int {
	if p == nil {
		return 0
	}
	return projectBytes + tagBytes*len(p.ScheduledPolicyItems)
}

func eventSize(e *Event) int { return projectBytes + linksSize(e.Links) }

func organizationSize(o *atlas.Organization) int { return projectBytes + linksSize(o.Links) }

func restoredCollectionSize(c *atlas.RestoredCollection) int {
	bytes := 3 * tagBytes
	if c.IndexStatus != nil {
		bytes += sum(c.IndexStatus.FailedIndexes, func(v jsontext.Value) int { return len(v) })
	}
	return bytes
}

func snapshotSize(s *Snapshot) int {
	return snapshotBytes + 200*len(s.Members) + linksSize(s.Links) + textBytes(s.CopyRegions) + textBytes(s.PolicyItems) +
		textBytes(s.SnapshotIDs)
}

func clusterSize(c *Cluster) int {
	return clusterBytes + linksSize(c.Links) + tagBytes*(len(c.Tags)+len(c.Labels)) + textBytes(c.Regions) +
		textBytes(c.CloudProviders)
}

func projectSize(p *atlas.Project) int {
	return projectBytes + linksSize(p.Links) + tagBytes*max(0, len(p.Tags)-usualTags)
}

func backupScheduleSize(s *atlas.BackupSchedule) int {
	if s == nil {
		return 0
	}
	n := len(s.ExtraRetentionSettings)
	for _, policy := range s.Policies {
		n += 1 + len(policy.PolicyItems)
	}
	for _, setting := range s.CopySettings {
		n += 2 + len(setting.CopyPolicyItems)
	}
	return clusterBytes + linksSize(s.Links) + tagBytes*n
}

// sizeOfPage returns the function that adds up the sizes of what is on a page.
func sizeOfPage[T any](size func(T) int) func(*page[T]) int {
	return func(p *page[T]) int { return sum(p.items, size) }
}

// linksSize returns about how many bytes links hold beyond the few that everything has.
func linksSize(links []atlas.Link) int { return linkBytes * max(0, len(links)-usualLinks) }

// textBytes returns about how many bytes a list of texts holds.
func textBytes(texts []string) int {
	return sum(texts, func(text string) int { return len(text) + 16 })
}

func sum[T any](all []T, of func(T) int) int {
	n := 0
	for _, one := range all {
		n += of(one)
	}
	return n
}
