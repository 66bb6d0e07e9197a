// Command provider serves a real OpenID provider over TLS on loopback, for the browser tests of test/web: the client
// "console" signs in without a secret (PKCE), the user "test-user@127.0.0.1" has the password "verysecure". It prints its
// URL, writes its certificate to the file that the argument names, and ends when its standard input does.
package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: provider CERTIFICATE-FILE")
		os.Exit(2)
	}
	var handler http.Handler
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
	}))
	defer server.Close()
	// Of a native client every port of loopback is accepted.
	storage.RegisterClients(storage.NativeClient("console", "http://127.0.0.1/dashboard", "http://127.0.0.1/"))
	users := storage.NewStorage(storage.NewUserStore(server.URL))
	handler = exampleop.SetupServer(server.URL, users, slog.New(slog.DiscardHandler), false)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(os.Args[1], certificate, 0o600); err != nil { //nolint:gosec // the file that the test names
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the server ends with the process
	}
	fmt.Fprintln(os.Stdout, server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin)
}
