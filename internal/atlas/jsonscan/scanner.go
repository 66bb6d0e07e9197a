package jsonscan

import (
	"bytes"
	"reflect"
	"sync"
)

// Value is a pointer to what a Scanner decodes into. ScanJSON reads one JSON value, or reads
// nothing where the type has no way to.
type Value interface{ ScanJSON(s *Scanner) }

// Scanner reads one body from its beginning to its end. Its methods are called where the
// value that they name is next; where another one is, the body is unsupported.
type Scanner struct {
	body        []byte
	at          int
	unsupported bool

	texts [64]*string // of this body and of earlier ones; see SharedText
	bools *[2]bool    // false and true
}

// Pool keeps scanners with the texts that they share. Its zero value can be used. It is safe
// for concurrent use.
type Pool struct{ spare sync.Pool }

// Scan decodes a body into a value that is empty and reports whether the body is supported.
// Where it is not the value is empty again. The value holds no part of the body.
func (p *Pool) Scan(body []byte, value Value) (supported bool) {
	s, ok := p.spare.Get().(*Scanner)
	if !ok {
		s = &Scanner{bools: &[2]bool{false, true}}
	}
	s.body, s.at, s.unsupported = body, 0, false
	value.ScanJSON(s)
	s.Peek()
	supported = !s.unsupported && s.at == len(body)
	if !supported && s.at > 0 {
		reflect.ValueOf(value).Elem().SetZero()
	}
	s.body = nil
	p.spare.Put(s)
	return supported
}

// Unsupported ends the scan. Every later read is unsupported, too.
func (s *Scanner) Unsupported() { s.unsupported, s.at = true, len(s.body) }

// Peek returns the next byte that is not white space, without reading it; 0 at the end.
func (s *Scanner) Peek() byte {
	if s.at < len(s.body) && s.body[s.at] > ' ' {
		return s.body[s.at]
	}
	return s.peekAfterSpace()
}

func (s *Scanner) peekAfterSpace() byte {
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// accept reads c if it is next, and reports whether it was.
func (s *Scanner) accept(c byte) bool {
	if s.Peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *Scanner) expect(c byte) {
	if !s.accept(c) {
		s.Unsupported()
	}
}

// literal reads true, false or null.
func (s *Scanner) literal(text string) {
	if !bytes.HasPrefix(s.body[s.at:], []byte(text)) {
		s.Unsupported()
		return
	}
	s.at += len(text)
}

// Object reads an object and yields the name of each member. The body of the loop reads the
// member's value. A name is a part of the body.
func (s *Scanner) Object(yield func(name []byte) bool) {
	s.expect('{')
	if s.accept('}') {
		return
	}
	for {
		name := s.raw()
		s.expect(':')
		if s.unsupported || !yield(name) || s.accept('}') {
			return
		}
		s.expect(',')
	}
}

// Array reads an array and yields for each element, which the body of the loop reads.
func (s *Scanner) Array(yield func() bool) {
	s.expect('[')
	if s.accept(']') {
		return
	}
	for !s.unsupported && yield() && !s.accept(']') {
		s.expect(',')
	}
}

// raw reads a string and returns it without its quotes, as a part of the body.
func (s *Scanner) raw() []byte {
	s.expect('"')
	body := s.body[s.at:]
	for n, c := range body {
		if !isUnescaped[c] {
			if c != '"' {
				break
			}
			s.at += n + 1
			return body[:n]
		}
	}
	s.Unsupported()
	return nil
}

// isUnescaped has the bytes that stand for themselves in a string: printable ASCII but the
// quote and the backslash.
var isUnescaped = func() (unescaped [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		unescaped[c] = c != '"' && c != '\\'
	}
	return unescaped
}()

// SkipValue reads any value and returns it as it was written, as a part of the body.
func (s *Scanner) SkipValue() []byte {
	s.Peek()
	from := s.at
	s.skip(0)
	if s.unsupported {
		return nil
	}
	return s.body[from:s.at]
}

// maxDepth is how deep the values are nested that SkipValue supports.
const maxDepth = 16

func (s *Scanner) skip(depth int) {
	switch c := s.Peek(); {
	case depth > maxDepth:
		s.Unsupported()
	case c == '"':
		s.raw()
	case c == '{':
		for range s.Object {
			s.skip(depth + 1)
		}
	case c == '[':
		for range s.Array {
			s.skip(depth + 1)
		}
	case c == 't':
		s.literal("true")
	case c == 'f':
		s.literal("false")
	case c == 'n':
		s.literal("null")
	default:
		s.digits()
	}
}

// digits reads a whole number and returns it as it was written.
func (s *Scanner) digits() []byte {
	s.Peek()
	from := s.at
	if s.at < len(s.body) && s.body[s.at] == '-' {
		s.at++
	}
	first := s.at
	for s.at < len(s.body) && s.body[s.at] >= '0' && s.body[s.at] <= '9' {
		s.at++
	}
	if n := s.at - first; n == 0 || n > 1 && s.body[first] == '0' {
		s.Unsupported()
		return nil
	}
	return s.body[from:s.at]
}
