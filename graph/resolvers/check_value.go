package resolvers

import (
	"errors"
	"slices"

	"atlas-restore-gateway/graph/model"
	"atlas-restore-gateway/internal/atlas"
)

// The errors of values that Atlas can send in the place of an id, a name, a URL or an element of a list.
var (
	errNoID   = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("an id is not 24 lower-case hexadecimal digits")}
	errNoName = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("the name of a cluster is empty")}
	errNoURL  = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("a URL is null or empty")}
	errNoText = &atlas.Error{Kind: atlas.KindMalformed, Err: errors.New("an element of a list is null or empty")}
)

// CheckValue returns an error for a value from Atlas that is not what the type of its field promises:
// an id that is not an ObjectID, an empty name, or a list of texts with an element that is null or
// empty.
func CheckValue(value any) error {
	switch v := value.(type) {
	case *model.ObjectID:
		if v != nil && !v.Valid() {
			return errNoID
		}
	case []model.ObjectID:
		if slices.ContainsFunc(v, func(id model.ObjectID) bool { return !id.Valid() }) {
			return errNoID
		}
	case *model.ClusterName:
		if v != nil && !v.Valid() {
			return errNoName
		}
	case []string:
		if slices.Contains(v, "") {
			return errNoText
		}
	}
	return nil
}
