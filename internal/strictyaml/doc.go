// Package strictyaml decodes the small YAML files of settings into structs strictly: an unknown key, a duplicate key, a
// missing key, an anchor, a second document or a value of the wrong kind is an error with the file and the line. It
// knows nothing of what the files mean.
//
// The library decodes. What the package adds is what the library cannot do: values remember their lines, keys can be
// required, null is no value, and an error names neither a Go type nor a value or a long key, which can be a secret in
// the wrong place.
package strictyaml
