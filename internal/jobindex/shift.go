package jobindex

// shift is by how many indexes jobs move, because others come, between the time when a page is learned and the time
// when what it told is used.
type shift struct {
	recent int // at most, of late
	known  bool
}

const (
	unknownShift = 8 // the margin before a shift was measured
	maxShift     = 50
)

// add takes a shift that was measured into account. A larger one counts at once, a smaller one by and by.
func (s *shift) add(indexes int) {
	s.recent = min(max(indexes, s.recent*3/4), maxShift)
	s.known = true
}

// margin returns how many indexes a page has to reach further than the jobs that it is picked for.
func (s *shift) margin() int {
	if !s.known {
		return unknownShift
	}
	return min(2*s.recent+1, maxShift)
}
