package resolvers

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/restore"
)

// downloadsOf returns the job of download URLs, for the audit log.
func downloadsOf(j *restore.Job) *model.Downloads {
	return &model.Downloads{
		GroupID: model.ObjectID(j.GroupID), ClusterName: model.ClusterName(j.ClusterName), JobID: j.JobID,
		Withheld: j.DownloadsWithheld,
	}
}

// download returns a URL if the caller may read it, and has the read audited. A read that finds no URL
// (exists is false) is not audited.
func download[T any](ctx context.Context, r *Resolver, of *model.Downloads, url T, exists bool) (T, error) {
	var none T
	if of.Withheld {
		return none, restore.ErrDownloadsWithheld
	}
	if !exists {
		return url, nil
	}
	field := graphql.GetFieldContext(ctx)
	if err := r.Audit(ctx, jobKey(of.GroupID, of.ClusterName, model.ObjectID(of.JobID)),
		field.Object+"."+field.Field.Name); err != nil {
		return none, err
	}
	return url, nil
}

// deliveryURL is the field deliveryUrl of every type of job.
func (r *Resolver) deliveryURL(ctx context.Context, of *model.Downloads, urls []string) ([]string, error) {
	if !of.Withheld && slices.Contains(urls, "") {
		return nil, errNoURL
	}
	return download(ctx, r, of, urls, len(urls) > 0)
}

// downloadURL is a field that has one URL or null.
func (r *Resolver) downloadURL(ctx context.Context, of *model.Downloads, url *string) (*string, error) {
	if !of.Withheld && url != nil && *url == "" {
		return nil, errNoURL
	}
	return download(ctx, r, of, url, url != nil)
}
