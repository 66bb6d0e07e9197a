package atlas

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxElements bounds a list within a resource, such as its links or the parts of a sharded cluster: about ten
// times what the largest cluster can have. Of a longer list one more element is decoded, which tells that it
// is too long.
const MaxElements = 1000

// Elements is a list within a resource; nil when Atlas sent none. With more than MaxElements elements it is
// not the whole list, and must not be used as if it were.
type Elements[T any] []T

// UnmarshalJSONFrom decodes an array, and null as nil.
func (l *Elements[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '[' {
		return json.UnmarshalDecode(d, (*[]T)(l))
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	all := Elements[T]{}
	for d.PeekKind() != ']' {
		if len(all) > MaxElements {
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		var one T
		if err := json.UnmarshalDecode(d, &one); err != nil {
			return err
		}
		all = append(all, one)
	}
	*l = all
	_, err := d.ReadToken()
	return err
}
