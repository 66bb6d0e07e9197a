package model

// Valid reports whether the id is an ObjectID, as each that the graph returns has to be.
func (id ObjectID) Valid() bool {
	if len(id) != objectIDLength {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Valid reports whether it names a cluster. Any text does but the empty one: clusters that
// are old may have other names than can be given today.
func (n ClusterName) Valid() bool { return n != "" }
