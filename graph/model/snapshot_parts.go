package model

// SnapshotParts says whether the parts of a snapshot of a sharded cluster could be read. It is no field
// of the schema.
type SnapshotParts struct {
	// Err is why they could not be read, or nil.
	Err error
}
