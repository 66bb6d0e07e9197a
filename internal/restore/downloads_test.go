package restore

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"atlas-restore-gateway/internal/atlas"
)

// download is a job that has a URL in each place where one can be.
func download() *Job {
	url := func(s string) *string { return &s }
	private := []atlas.PrivateURL{{DeliveryURL: url("https://secret/private"), EndpointID: url("vpce-1")}}
	return &Job{
		Key: Key{GroupID: "g", ClusterName: "c", JobID: "j"}, State: Ready, ServedBy: Dedicated,
		DeliveryURL:                 []string{"https://secret/delivery"},
		PrivateDownloadDeliveryURLs: private,
		Components: []atlas.Component{
			{ReplicaSetName: url("shard-0"), DownloadURL: url("https://secret/component"), PrivateDownloadDeliveryURLs: private},
		},
	}
}

// shown is all that a job holds, as text.
func shown(j *Job) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%+v", *j)
	urls := slices.Clone(j.PrivateDownloadDeliveryURLs)
	for _, c := range j.Components {
		out.WriteString(valueOr(c.ReplicaSetName, "") + valueOr(c.DownloadURL, ""))
		urls = append(urls, c.PrivateDownloadDeliveryURLs...)
	}
	for _, u := range urls {
		out.WriteString(valueOr(u.DeliveryURL, "") + valueOr(u.EndpointID, ""))
	}
	return out.String()
}

func TestWithoutDownloads_removesEveryURLAndNothingElse(t *testing.T) {
	job := download()
	out := job.WithoutDownloads()
	text := shown(out)
	if strings.Contains(text, "secret") || out.HasDownload() || !out.DownloadsWithheld {
		t.Errorf("got %s", text)
	}
	for _, remaining := range []string{"vpce-1", "shard-0"} {
		if !strings.Contains(text, remaining) {
			t.Errorf("%s is gone, too", remaining)
		}
	}
	// The job itself is shared with others.
	if diff := cmp.Diff(download(), job, cmp.AllowUnexported(Job{})); diff != "" {
		t.Errorf("the job has changed: %s", diff)
	}
	// Each field but those with URLs is the same.
	restored := *out
	restored.DownloadsWithheld, restored.DeliveryURL = false, job.DeliveryURL
	restored.PrivateDownloadDeliveryURLs, restored.Components = job.PrivateDownloadDeliveryURLs, job.Components
	if diff := cmp.Diff(job, &restored, cmp.AllowUnexported(Job{})); diff != "" {
		t.Error(diff)
	}
	if bare := (&Job{}).WithoutDownloads(); bare.Components != nil || bare.PrivateDownloadDeliveryURLs != nil {
		t.Errorf("what was absent is there: %+v", bare)
	}
}
