package atlas

import (
	"bytes"
	"reflect"
	"sync"
)

// scanner reads JSON that is as plain as Atlas writes it: texts of printable ASCII without
// a backslash, whole numbers, times in UTC. It knows nothing of mistakes: what is not
// plain is odd, whether it is wrong or only unusual, and is left to the library. So all
// that is asked of it is to take nothing that the library refuses, and to make the same of
// what it takes (FuzzAPlainBody).
//
// It is there because lists are most of what a query costs: the tokens alone cost the
// library more than this costs with the values.
type scanner struct {
	body []byte
	at   int
	odd  bool

	texts [64]*string // some short texts, of earlier bodies too, by slot
	flags *[2]bool    // false and true
}

// scanners keeps scanners for the texts that they know.
type scanners struct{ spare sync.Pool }

// scanned is a value that a scanner can fill: by one object, or, where it finds that it
// cannot, without a step.
type scanned interface{ scan(s *scanner) }

// scan fills a value that is empty, and leaves it so when the body is odd.
func (p *scanners) scan(body []byte, value scanned) (plain bool) {
	s, ok := p.spare.Get().(*scanner)
	if !ok {
		s = &scanner{flags: &[2]bool{false, true}}
	}
	s.body, s.at, s.odd = body, 0, false
	value.scan(s)
	s.peek()
	plain = !s.odd && s.at == len(body)
	if !plain && s.at > 0 {
		reflect.ValueOf(value).Elem().SetZero()
	}
	s.body = nil
	p.spare.Put(s)
	return plain
}

// fail ends the scan: nothing is behind the end of the body.
func (s *scanner) fail() { s.odd, s.at = true, len(s.body) }

// peek is the next byte that is no white space; 0 at the end.
func (s *scanner) peek() byte {
	if s.at < len(s.body) && s.body[s.at] > ' ' {
		return s.body[s.at]
	}
	return s.peekBehindSpace()
}

func (s *scanner) peekBehindSpace() byte {
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take is whether c comes next, and goes on behind it then.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) expect(c byte) {
	if !s.take(c) {
		s.fail()
	}
}

func (s *scanner) word(w string) {
	if !bytes.HasPrefix(s.body[s.at:], []byte(w)) {
		s.fail()
		return
	}
	s.at += len(w)
}

// null is whether null comes next, and goes on behind it then.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.word("null")
	return true
}

// object yields the names of an object's members. Who ranges over it reads the value of each.
func (s *scanner) object(yield func(name []byte) bool) {
	s.expect('{')
	if s.take('}') {
		return
	}
	for {
		name := s.raw()
		s.expect(':')
		if s.odd || !yield(name) || s.take('}') {
			return
		}
		s.expect(',')
	}
}

// array yields for each element of an array, which whoever ranges over it reads.
func (s *scanner) array(yield func() bool) {
	s.expect('[')
	if s.take(']') {
		return
	}
	for !s.odd && yield() && !s.take(']') {
		s.expect(',')
	}
}

// raw is a text without its quotes, which lies in the body.
func (s *scanner) raw() []byte {
	s.expect('"')
	body := s.body[s.at:]
	for n, c := range body {
		if !isPlain[c] {
			if c != '"' {
				break
			}
			s.at += n + 1
			return body[:n]
		}
	}
	s.fail()
	return nil
}

// isPlain has the bytes of a text that stand for themselves.
var isPlain = func() (plain [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		plain[c] = c != '"' && c != '\\'
	}
	return plain
}()

// skip is any value, as it lies in the body.
func (s *scanner) skip() []byte {
	s.peek()
	from := s.at
	s.pass(0)
	if s.odd {
		return nil
	}
	return s.body[from:s.at]
}

// mostNested is how deep values are nested that are still plain.
const mostNested = 16

func (s *scanner) pass(depth int) {
	switch c := s.peek(); {
	case depth > mostNested:
		s.fail()
	case c == '"':
		s.raw()
	case c == '{':
		for range s.object {
			s.pass(depth + 1)
		}
	case c == '[':
		for range s.array {
			s.pass(depth + 1)
		}
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.digits()
	}
}

// digits is a whole number as it is written.
func (s *scanner) digits() []byte {
	s.peek()
	from := s.at
	if s.at < len(s.body) && s.body[s.at] == '-' {
		s.at++
	}
	first := s.at
	for s.at < len(s.body) && s.body[s.at] >= '0' && s.body[s.at] <= '9' {
		s.at++
	}
	if n := s.at - first; n == 0 || n > 1 && s.body[first] == '0' {
		s.fail()
		return nil
	}
	return s.body[from:s.at]
}
