package restore

import (
	"errors"
	"slices"

	"atlas-restore-gateway/internal/atlas"
)

// ErrDownloadsWithheld is the error in the place of a URL that was removed from a job.
var ErrDownloadsWithheld = errors.New("restore: the caller may not read download URLs")

// HasDownload reports whether the job holds a URL from which a backup can be fetched.
func (j *Job) HasDownload() bool {
	if j == nil {
		return false
	}
	// An element that Atlas sent as null is an empty text.
	if slices.ContainsFunc(j.DeliveryURL, func(url string) bool { return url != "" }) ||
		hasURL(j.PrivateDownloadDeliveryURLs) {
		return true
	}
	for _, c := range j.Components {
		if isURL(c.DownloadURL) || hasURL(c.PrivateDownloadDeliveryURLs) {
			return true
		}
	}
	return false
}

func isURL(url *string) bool { return url != nil && *url != "" }

func hasURL(urls []atlas.PrivateURL) bool {
	for _, u := range urls {
		if isURL(u.DeliveryURL) {
			return true
		}
	}
	return false
}

// WithoutDownloads returns a copy of the job without the URLs from which a backup can be fetched: the job itself may be
// cached, and other operations may be reading it. What stands beside the URLs (a replica set, a private endpoint)
// stays.
func (j *Job) WithoutDownloads() *Job {
	out := *j
	out.DownloadsWithheld = true
	out.DeliveryURL = nil
	out.PrivateDownloadDeliveryURLs = withoutURLs(j.PrivateDownloadDeliveryURLs)
	if j.Components != nil {
		out.Components = make([]atlas.Component, len(j.Components))
		for i, c := range j.Components {
			out.Components[i] = atlas.Component{
				ReplicaSetName: c.ReplicaSetName, PrivateDownloadDeliveryURLs: withoutURLs(c.PrivateDownloadDeliveryURLs),
			}
		}
	}
	return &out
}

func withoutURLs(urls []atlas.PrivateURL) []atlas.PrivateURL {
	if urls == nil {
		return nil
	}
	out := make([]atlas.PrivateURL, len(urls))
	for i, u := range urls {
		out[i] = atlas.PrivateURL{EndpointID: u.EndpointID}
	}
	return out
}
