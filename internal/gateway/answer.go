package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

const (
	mediaTypeGraphQL = "application/graphql-response+json"
	mediaTypeJSON    = "application/json"
)

func isUTF8(charset string) bool { return charset == "" || strings.EqualFold(charset, "utf-8") }

// negotiate returns the media type of the response by the Accept header (RFC 9110, section 12.5.1), with its weights,
// and reports false when the client accepts neither. Without the header, and where wildcards give both the same weight,
// it is application/json, which every client accepts.
func negotiate(accept []string) (string, bool) {
	header := strings.TrimSpace(strings.Join(accept, ","))
	if header == "" {
		return mediaTypeJSON, true
	}
	var graphqlRange, jsonRange acceptRange
	position := 0
	for part := range strings.SplitSeq(header, ",") {
		mediaRange, parameters, _ := strings.Cut(part, ";")
		mediaRange = strings.ToLower(strings.TrimSpace(mediaRange))
		quality, acceptable := weight(parameters)
		if !acceptable {
			continue
		}
		position++
		graphqlRange.consider(mediaRange, mediaTypeGraphQL, quality, position)
		jsonRange.consider(mediaRange, mediaTypeJSON, quality, position)
	}
	switch {
	case graphqlRange.quality <= 0 && jsonRange.quality <= 0:
		return "", false
	case graphqlRange.quality > jsonRange.quality:
		return mediaTypeGraphQL, true
	case graphqlRange.quality < jsonRange.quality:
		return mediaTypeJSON, true
	// Equal weights: a name wins over a wildcard, then the first one wins.
	case graphqlRange.specificity > jsonRange.specificity,
		graphqlRange.specificity == jsonRange.specificity && graphqlRange.position < jsonRange.position:
		return mediaTypeGraphQL, true
	default:
		return mediaTypeJSON, true
	}
}

// errorMediaType returns the media type of an error, which is sent even when the client accepts no media type.
func errorMediaType(r *http.Request) string {
	if mediaType, ok := negotiate(r.Header["Accept"]); ok {
		return mediaType
	}
	return mediaTypeJSON
}

// acceptRange is the most specific range of an Accept header that covers a type.
type acceptRange struct {
	quality     float64
	specificity int // 1 for */*, 2 for application/*, 3 for the type itself
	position    int
}

func (a *acceptRange) consider(mediaRange, mediaType string, quality float64, position int) {
	specificity := 0
	switch mediaRange {
	case mediaType:
		specificity = 3
	case "application/*":
		specificity = 2
	case "*/*", "*":
		specificity = 1
	}
	if specificity > a.specificity {
		*a = acceptRange{quality: quality, specificity: specificity, position: position}
	}
}

// weight returns the q of a range's parameters, and reports whether its charset is served.
func weight(parameters string) (quality float64, acceptable bool) {
	quality = 1
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "q":
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || q < 0 || q > 1 {
				return 0, false
			}
			quality = q
		case "charset":
			if !isUTF8(strings.Trim(strings.TrimSpace(value), `"`)) {
				return 0, false
			}
		}
	}
	return quality, true
}

// answerBody is the body of a response in pieces, so that its data is not copied.
type answerBody [][]byte

// size returns how many bytes the body has.
func (b answerBody) size() int {
	n := 0
	for _, piece := range b {
		n += len(piece)
	}
	return n
}

// memory returns how many bytes the body holds.
func (b answerBody) memory() int64 {
	n := 0
	for _, piece := range b {
		n += cap(piece)
	}
	return int64(n)
}

// encode returns the body of a response, in the order that the GraphQL specification advises. Data is left out, not
// null, where nothing was executed. JSON that gqlgen has written is not encoded again. It fails when an error's
// extensions cannot be encoded.
func encode(r *graphql.Response) (answerBody, error) {
	var body answerBody
	for _, member := range []struct {
		name  string
		there bool
		value any
	}{
		{"errors", len(r.Errors) > 0, r.Errors},
		{"data", len(r.Data) > 0, r.Data},
		{"extensions", len(r.Extensions) > 0, r.Extensions},
	} {
		if !member.there {
			continue
		}
		encoded, written := member.value.(json.RawMessage)
		if !written {
			var err error
			if encoded, err = json.Marshal(member.value); err != nil {
				return nil, err
			}
		}
		begin := `,"`
		if body == nil {
			begin = `{"`
		}
		body = append(body, []byte(begin+member.name+`":`), encoded)
	}
	if body == nil {
		return answerBody{[]byte("{}")}, nil
	}
	return append(body, []byte("}")), nil
}

func writeResponse(w http.ResponseWriter, mediaType string, status int, r *graphql.Response) {
	body, err := encode(r)
	if err != nil {
		body, status = encodingFailed, http.StatusInternalServerError
	}
	writeBody(w, mediaType, status, body)
}

// encodingFailed is the body in place of one that cannot be encoded.
var encodingFailed = answerBody{
	[]byte(`{"errors":[{"message":"the answer cannot be encoded","extensions":{"code":"` + codeInternal + `"}}]}`),
}

// contentTypes are the values of the header, made once and never changed.
var contentTypes = map[string][]string{
	mediaTypeGraphQL: {mediaTypeGraphQL + "; charset=utf-8"},
	mediaTypeJSON:    {mediaTypeJSON + "; charset=utf-8"},
}

func writeBody(w http.ResponseWriter, mediaType string, status int, body answerBody) {
	writeHead(w, mediaType, status, body)
	body.writeTo(w, func() bool { return false })
}

func writeHead(w http.ResponseWriter, mediaType string, status int, body answerBody) {
	h := w.Header()
	h["Content-Type"] = contentTypes[mediaType]
	h.Set("Content-Length", strconv.Itoa(body.size()))
	w.WriteHeader(status)
}

// writeChunkBytes is how many bytes are written between two checks of whether to stop.
const writeChunkBytes = 64 << 10

// writeTo writes the body to its end, to an error, or until stop reports true.
func (b answerBody) writeTo(w io.Writer, stop func() bool) {
	for _, piece := range b {
		for part := range slices.Chunk(piece, writeChunkBytes) {
			if stop() {
				return
			}
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	}
}
