package jsonscan

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// maxSharedText bounds the texts that SharedText shares, in bytes: names, ids and words are
// shorter, and are likely to come again.
const maxSharedText = 64

// Null reads null if it is next, and reports whether it was.
func (s *Scanner) Null() bool {
	if s.Peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

// SharedText reads a string, or null as nil. Short strings that come again are mostly
// one and the same *string, also over bodies, so that jobs do not each hold a copy of what
// they have in common. It must not be changed.
func (s *Scanner) SharedText() *string {
	if s.Null() {
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

// Text reads a string, or null as "".
func (s *Scanner) Text() string {
	if s.Null() {
		return ""
	}
	return string(s.raw())
}

// Texts reads an array of strings, or null as nil. Of more than limit elements it returns
// limit and one more.
func (s *Scanner) Texts(limit int) []string {
	if s.Null() {
		return nil
	}
	all := []string{}
	for range s.Array {
		if len(all) > limit {
			s.SkipValue()
			continue
		}
		all = append(all, s.Text())
	}
	return all
}

// Bool reads true or false, or null as nil. The value must not be changed.
func (s *Scanner) Bool() *bool {
	if s.Null() {
		return nil
	}
	if s.Peek() == 't' {
		s.literal("true")
		return &s.bools[1]
	}
	s.literal("false")
	return &s.bools[0]
}

// Integer reads a whole number of 64 bits, or null as nil.
func (s *Scanner) Integer() *int64 {
	if s.Null() {
		return nil
	}
	n, err := strconv.ParseInt(string(s.digits()), 10, 64)
	if err != nil {
		s.Unsupported()
	}
	return &n
}

// Time reads a time in UTC such as "2025-05-04T09:42:00Z" (RFC 3339), with or without a
// fraction of a second, or null as nil.
func (s *Scanner) Time() *time.Time {
	if s.Null() {
		return nil
	}
	raw := s.raw()
	const layout = "2006-01-02T15:04:05"
	// time.Time is more lenient than the library about one-digit hours and commas.
	supported := len(raw) > len(layout) && raw[len("2006-01-02T15")] == ':' && raw[len(layout)] != ',' &&
		raw[len(raw)-1] == 'Z'
	t := new(time.Time)
	if !supported || t.UnmarshalText(raw) != nil {
		s.Unsupported()
	}
	return t
}

// Fallback reads any supported value and has the library decode it. It is for what seldom
// comes.
func (s *Scanner) Fallback(into any, options json.Options) {
	if json.Unmarshal(s.SkipValue(), into, options) != nil {
		s.Unsupported()
	}
}
