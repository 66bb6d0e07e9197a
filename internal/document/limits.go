package document

import "strconv"

// Limits bound a document. Each counts with fragments spread out: what a fragment
// holds counts wherever it is used. All are at least 1.
type Limits struct {
	// Tokens is how many lexical tokens the document has, and how many fields it comes
	// to with its fragments spread out.
	Tokens int
	// Depth is how many levels of braces lie within each other; a fragment is a level.
	Depth int
	// Aliases is how many fields have another name in the answer.
	Aliases int
	// RootFields is how many fields an operation asks for at its top.
	RootFields int
	// Directives is how many directives an operation applies.
	Directives int
	// ListItems is how many items one list has, in an argument or a variable.
	ListItems int
	// Repetitions is how many fields may come to the same place of the answer, where they
	// are merged; each counts once more for each inline fragment around it. To check that
	// they can be merged is work that grows with the square of this.
	Repetitions int
}

// DefaultLimits leave room for a dashboard of a hundred jobs and for the queries by
// which tools read the schema (18 levels deep).
var DefaultLimits = Limits{
	Tokens: 5000, Depth: 20, Aliases: 200, RootFields: 100, Directives: 100, ListItems: 1000, Repetitions: 100,
}

// maxFields bounds what a document may come to where no limit is enforced: fragments
// within fragments double with each level.
const maxFields = 100_000

// Limit names one of the Limits.
type Limit string

// The limits.
const (
	Tokens      Limit = "tokens"
	Depth       Limit = "depth"
	Aliases     Limit = "aliases"
	RootFields  Limit = "root fields"
	Directives  Limit = "directives"
	ListItems   Limit = "list items"
	Repetitions Limit = "repetitions"
	// SDLs is how many times an operation asks for the SDL of the schema (_service). It is not
	// among the Limits: once is enough for every composer and router.
	SDLs Limit = "SDLs"
)

// maxSDLs is the limit on SDLs.
const maxSDLs = 1

// counted is what the limit counts, in the words of its error.
func (l Limit) unit() string {
	switch l {
	case Tokens:
		return "tokens, or fields once its fragments are spread out"
	case Depth:
		return "levels of braces, fragments included"
	case RootFields:
		return "fields at the top of an operation"
	case ListItems:
		return "items in one list"
	case Repetitions:
		return "fields with the same name in the same place"
	case SDLs:
		return "fields that hold the SDL (sdl of _service)"
	default:
		return string(l)
	}
}

// LimitError is a document that goes beyond a limit.
type LimitError struct {
	Limit Limit
	Max   int
	// Got is how many there are; 0 where counting stopped at the limit.
	Got int
}

func (e *LimitError) Error() string {
	got := "too many"
	if e.Got > 0 {
		got = strconv.Itoa(e.Got)
	}
	return "the document has " + got + " " + e.Limit.unit() + "; at most " + strconv.Itoa(e.Max) + " are taken"
}
