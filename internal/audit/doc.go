// Package audit writes the log of who read a download URL, and who acted: one JSON object a line, to a file or a stream.
// The caller and the origin of the request come from the context. A URL whose line cannot be written is not given to the
// caller, and an action is not made.
package audit
