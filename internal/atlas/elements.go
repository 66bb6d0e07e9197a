package atlas

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxElements is how many elements a list within a resource has at most, such as its links or
// the parts of a sharded cluster: about ten times what the largest cluster can have. Of a
// longer list one element more is decoded, so that it is known to be too long.
const MaxElements = 1000

// Elements are those of a list within a resource; nil when Atlas sent none. There are at most
// MaxElements, or one more where Atlas sent more: then they are not the whole list, and
// nothing may take them for it.
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
