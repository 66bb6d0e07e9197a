package model

// Downloads says of which job the download URLs in an object are. It is no field of the schema.
type Downloads struct {
	GroupID     ObjectID
	ClusterName ClusterName
	JobID       string
	// Withheld is true when the URLs were removed, because the caller may not read them.
	Withheld bool
}
