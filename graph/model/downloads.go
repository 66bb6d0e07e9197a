package model

// Downloads says which job the download URLs in a thing are of. It is no field of the
// schema.
type Downloads struct {
	GroupID     ObjectID
	ClusterName ClusterName
	JobID       string
	// Withheld is whether they were taken out, because the caller may not read them.
	Withheld bool
}
