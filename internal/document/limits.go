package document

import "strconv"

// Limits bound a document. All counts are with fragments expanded: a fragment counts wherever it is used. All are at
// least 1.
type Limits struct {
	// Tokens is how many lexical tokens the document has, and how many fields with its fragments expanded.
	Tokens int
	// Depth is how many levels of braces are nested; a fragment is a level.
	Depth int
	// Aliases is how many fields have an alias.
	Aliases int
	// RootFields is how many root fields an operation has.
	RootFields int
	// Directives is how many directives an operation applies.
	Directives int
	// ListItems is how many items one list has, in an argument or a variable.
	ListItems int
	// Repetitions is how many fields may be merged into one field of the response; each counts once more for each
	// inline fragment around it. Validation compares them pairwise, which takes time quadratic in their number.
	Repetitions int
}

// DefaultLimits suffice for a dashboard of a hundred jobs, and for the introspection queries of tools (18 levels deep).
var DefaultLimits = Limits{
	Tokens: 5000, Depth: 20, Aliases: 200, RootFields: 100, Directives: 100, ListItems: 1000, Repetitions: 100,
}

// maxFields bounds the fields of a document with its fragments expanded where no limit is enforced: fragments within
// fragments double with each level.
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
	// SDLs is how many times an operation asks for the SDL of the schema (_service). It is not among the Limits:
	// composers and routers ask once.
	SDLs Limit = "SDLs"
)

// maxSDLs is the limit on SDLs.
const maxSDLs = 1

// unit is what the limit counts, for its error.
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

// LimitError is the error of a document that exceeds a limit.
type LimitError struct {
	Limit Limit
	Max   int
	// Got is the count; 0 where counting stopped at the limit.
	Got int
}

func (e *LimitError) Error() string {
	got := "too many"
	if e.Got > 0 {
		got = strconv.Itoa(e.Got)
	}
	return "the document has " + got + " " + e.Limit.unit() + "; at most " + strconv.Itoa(e.Max) + " are taken"
}
