// Package httpserver serves HTTP to clients: the public server with its TLS certificate, the server of metrics and
// health for operators, a deadline for each write, and a shutdown that loses no request. It takes handlers, addresses
// and files from internal/app, and knows nothing of what the handlers answer.
package httpserver
