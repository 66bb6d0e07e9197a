package resolvers

import (
	"time"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
)

func bsonTimestamp(t *atlas.BSONTimestamp) *model.BSONTimestamp {
	if t == nil {
		return nil
	}
	return &model.BSONTimestamp{Date: dateTime(t.Date), Increment: t.Increment}
}

func dateTime(t *time.Time) *model.DateTime {
	if t == nil {
		return nil
	}
	return &model.DateTime{Time: *t}
}

// links maps the links of a resource.
func links(in []atlas.Link) []*model.AtlasLink {
	return mapAll(in, func(l atlas.Link) *model.AtlasLink { return &model.AtlasLink{Href: l.Href, Rel: l.Rel} })
}

// jobLinks decodes and maps the links of a job.
func jobLinks(raw atlas.Links) ([]*model.AtlasLink, error) {
	all, err := raw.All()
	return links(all), err
}
