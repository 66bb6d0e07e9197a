package atlas

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// maxSharedText is how long a text is at most that is likely to be there again: a name, an
// id, a word.
const maxSharedText = 64

// text is a text, or nil for null. Short ones that are there again are likely to be the
// same one, because what jobs have in common need not be kept for each.
func (s *scanner) text() *string {
	if s.null() {
		return nil
	}
	raw := s.raw()
	if len(raw) > maxSharedText {
		return new(string(raw))
	}
	slot := &s.texts[slotOf(raw)%uint(len(s.texts))]
	if *slot == nil || **slot != string(raw) {
		*slot = new(string(raw))
	}
	return *slot
}

func slotOf(raw []byte) uint {
	n := uint(len(raw))
	if n > 1 {
		n += uint(raw[n-1]) + uint(raw[n-2])<<2
	}
	return n
}

// id is a text that is there once; empty for null.
func (s *scanner) id() string {
	if s.null() {
		return ""
	}
	return string(s.raw())
}

// ids is a list of such texts, as in Elements; nil for null.
func (s *scanner) ids() []string {
	if s.null() {
		return nil
	}
	all := []string{}
	for range s.array {
		if len(all) > MaxElements {
			s.skip()
			continue
		}
		all = append(all, s.id())
	}
	return all
}

func (s *scanner) flag() *bool {
	if s.null() {
		return nil
	}
	if s.peek() == 't' {
		s.word("true")
		return &s.flags[1]
	}
	s.word("false")
	return &s.flags[0]
}

func (s *scanner) integer() *int64 {
	if s.null() {
		return nil
	}
	n, err := strconv.ParseInt(string(s.digits()), 10, 64)
	if err != nil {
		s.fail()
	}
	return &n
}

// instant is a time as Atlas writes it, such as 2025-05-04T09:42:00Z, with or without a
// fraction.
func (s *scanner) instant() *time.Time {
	if s.null() {
		return nil
	}
	raw := s.raw()
	const layout = "2006-01-02T15:04:05"
	plain := len(raw) > len(layout) && raw[len("2006-01-02T15")] == ':' && raw[len(layout)] != ',' && raw[len(raw)-1] == 'Z'
	t := new(time.Time)
	if !plain || t.UnmarshalText(raw) != nil {
		s.fail()
	}
	return t
}

// rest has the library decode the next value: for what is seldom there.
func (s *scanner) rest(into any) {
	if json.Unmarshal(s.skip(), into, lenient) != nil {
		s.fail()
	}
}
