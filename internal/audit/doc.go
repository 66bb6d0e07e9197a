// Package audit writes the log of who read a download URL: one JSON object a line, to a file or a stream. The caller,
// the origin of the request and the job come from the gateway's context and guard; a URL whose line cannot be written
// is not given to the caller.
package audit
