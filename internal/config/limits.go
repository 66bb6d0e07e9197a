package config

import (
	"time"

	"atlas-restore-gateway/internal/document"
)

// LimitsWarn is the mode of --limits that logs an operation beyond a limit and serves it.
const LimitsWarn = "warn"

// Limits bound what a client may ask for.
type Limits struct {
	Limits           string        `help:"What becomes of an operation beyond a limit: enforce rejects it, warn logs it and serves it." enum:"enforce,warn" default:"enforce"`
	MaxRequestBody   int64         `help:"Largest request body, in bytes after decompression." default:"1048576" bounds:"1024..67108864" placeholder:"BYTES"`
	MaxTokens        int           `help:"Most lexical tokens in a document, and most fields that it may come to with its fragments." default:"5000" bounds:"1..1000000"`
	MaxDepth         int           `help:"Most levels of braces in a document, fragments included." default:"20" bounds:"1..1000000"`
	MaxAliases       int           `help:"Most aliases in an operation." default:"200" bounds:"1..1000000"`
	MaxRootFields    int           `help:"Most fields at the top of an operation." default:"100" bounds:"1..1000000"`
	MaxDirectives    int           `help:"Most directives in an operation." default:"100" bounds:"1..1000000"`
	MaxListItems     int           `help:"Most items in one list, in an argument or a variable." default:"1000" bounds:"1..1000000"`
	MaxRepetitions   int           `help:"Most fields with the same name in the same place of the answer." default:"100" bounds:"1..1000000"`
	MaxCost          int           `help:"Most calls of Atlas that an operation may cost at worst." default:"1000" bounds:"1..1000000" placeholder:"CALLS"`
	MaxAnswerFields  int           `help:"Most fields that an answer may have at worst, those of lists as often as they have elements." default:"100000" bounds:"1..1000000000"`
	MaxAnswerBytes   int64         `help:"Most bytes that an answer may have, before it is compressed." default:"8388608" bounds:"4096..67108864" placeholder:"BYTES"`
	MaxAnswerMemory  int64         `help:"Most bytes of all answers that are being written; beyond it clients that do not read are cut off, and new answers are 503. Large operations are executed while they need no more than twice as much." default:"67108864" bounds:"1048576..68719476736" placeholder:"BYTES"`
	OperationTimeout time.Duration `help:"Longest time for one operation; what was read by then is served." default:"30s" bounds:"100ms..10m"`
}

// DocumentLimits returns the limits of documents.
func (l *Limits) DocumentLimits() document.Limits {
	return document.Limits{
		Tokens: l.MaxTokens, Depth: l.MaxDepth, Aliases: l.MaxAliases, RootFields: l.MaxRootFields,
		Directives: l.MaxDirectives, ListItems: l.MaxListItems, Repetitions: l.MaxRepetitions,
	}
}
