// Package strictyaml reads the small YAML files that settings stand in, strictly: a key
// that nobody knows, a key that is there twice, an anchor, a second document or a value
// of the wrong kind is an error that names the file and the line. It knows nothing of
// what the files are about; the rooms that own them do.
package strictyaml
