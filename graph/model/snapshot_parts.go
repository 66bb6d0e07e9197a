package model

// SnapshotParts are the parts of a snapshot of a sharded cluster. It is no field of the
// schema.
type SnapshotParts struct {
	// Err is why they could not be read, or nil.
	Err error
}
