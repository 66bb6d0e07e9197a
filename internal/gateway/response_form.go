package gateway

import (
	"mime"
	"strings"
)

// streamFormat is how events are sent in a response.
type streamFormat int

const (
	noStream streamFormat = iota
	// eventStream is server-sent events (HTML, section 9.2), in the distinct connections mode of
	// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md.
	eventStream
	// multipartStream is the protocol multipart/mixed;subscriptionSpec=1.0 of Apollo
	// (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol).
	multipartStream
)

const (
	mediaTypeEventStream = "text/event-stream"
	mediaTypeMultipart   = "multipart/mixed"
	multipartSpec        = "1.0"
)

// responseForm is what a client accepts.
type responseForm struct {
	// mediaType is the type of a response that is no stream, or of an error where the client accepts none.
	mediaType string
	isJSON    bool // the client accepts such a response
	stream    streamFormat
}

// responseFormOf reads the Accept header. A wildcard is no wish for a stream.
func responseFormOf(accept []string) responseForm {
	mediaType, isJSON := negotiate(accept)
	if !isJSON {
		mediaType = mediaTypeJSON
	}
	form := responseForm{mediaType: mediaType, isJSON: isJSON}
	best := 0.0
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		format := streamFormatOf(part)
		_, parameters, _ := strings.Cut(part, ";")
		if quality, acceptable := weight(parameters); acceptable && format != noStream && quality > best {
			form.stream, best = format, quality
		}
	}
	return form
}

// streamFormatOf returns the format that a media range names.
func streamFormatOf(mediaRange string) streamFormat {
	name, parameters, err := mime.ParseMediaType(mediaRange)
	switch {
	case err != nil:
		return noStream
	case name == mediaTypeEventStream:
		return eventStream
	case name == mediaTypeMultipart && parameters["subscriptionspec"] == multipartSpec:
		return multipartStream
	default:
		return noStream
	}
}
