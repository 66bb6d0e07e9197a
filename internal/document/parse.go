package document

import (
	"errors"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
	"github.com/vektah/gqlparser/v2/parser"
)

// SyntaxError is the error of a text that is not a GraphQL document, with its position.
type SyntaxError struct {
	Line, Column int
	// Found is the kind of token there, such as Name; "" where it is none.
	Found string
}

func (e *SyntaxError) Error() string {
	found := e.Found
	if found == "" {
		found = "text"
	}
	return "the document is not GraphQL: unexpected " + found + " at line " + strconv.Itoa(e.Line) + ", column " +
		strconv.Itoa(e.Column)
}

// parse parses a text of at most limit tokens, or of any number with limit 0.
func parse(text string, limit int) (*ast.QueryDocument, error) {
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: text}, limit)
	var failure *gqlerror.Error
	switch {
	case err == nil:
		return doc, nil
	case !errors.As(err, &failure):
		return nil, err
	case len(failure.Locations) == 0:
		// Only the error of the limit has no location.
		return nil, &LimitError{Limit: Tokens, Max: limit}
	}
	place := failure.Locations[0]
	return nil, &SyntaxError{Line: place.Line, Column: place.Column, Found: tokenKind(failure.Message)}
}

// tokenKind returns the kind of token in the parser's message, without the text of the client.
func tokenKind(message string) string {
	_, found, ok := strings.Cut(message, "found ")
	if !ok {
		found, ok = strings.CutPrefix(message, "Unexpected ")
	}
	if !ok {
		return ""
	}
	for kind := lexer.EOF; kind <= lexer.Comment; kind++ {
		if name := kind.String(); found == name || strings.HasPrefix(found, name+" ") {
			return name
		}
	}
	return ""
}
