// Package strictyaml parses the small YAML files of settings strictly: an unknown key, a duplicate key, an anchor, a
// second document or a value of the wrong kind is an error with the file and the line. It knows nothing of what the
// files mean.
//
// It walks the nodes of the library instead of decoding into structs, because the errors of the library's strict mode
// repeat keys and values, which can be secrets in the wrong place, and name Go types; and because the library has no
// required keys and takes null for an empty text.
package strictyaml
