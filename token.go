package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"atlas-restore-gateway/internal/authn"
)

// tokenCommand is the command that makes a secret. What is printed is the only copy.
const tokenCommand = "token"

var tokenName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// makeToken prints a new token and the entry that stands for it in a file.
func makeToken(args []string, stdout io.Writer) error {
	if len(args) != 1 || !tokenName.MatchString(args[0]) {
		return errors.New("use: atlas-restore-gateway token NAME, where the name has up to 64 letters, digits, dots, dashes and underscores")
	}
	token, hash := authn.NewToken()
	fmt.Fprintf(stdout, `The token, for whoever is to have it. It is kept nowhere:

%s

Its entry in the file of --token-file (below "tokens:") or --router-file (below "routers:"):

- name: %s
  sha256: %s
`, token, args[0], hash)
	return nil
}
