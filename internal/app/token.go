package app

import (
	"errors"
	"fmt"
	"io"
	"regexp"

	"atlas-restore-gateway/internal/authn"
)

// tokenName matches the name of a token. It does not begin with a dash, so that a mistyped flag is no name.
var tokenName = regexp.MustCompile(`^[A-Za-z0-9._][A-Za-z0-9._-]{0,63}$`)

// makeToken prints a new token and its entry for a file. The printed token is the only copy.
func makeToken(args []string, stdout io.Writer) error {
	if len(args) != 1 || !tokenName.MatchString(args[0]) {
		return errors.New("use: atlas-restore-gateway token NAME, where the name has up to 64 letters, digits, dots, " +
			"dashes and underscores, and begins with no dash")
	}
	token, hash := authn.NewToken()
	_, err := fmt.Fprintf(stdout, `The token, for its owner. It is not stored:

%s

Its entry in the file of --token-file (below "tokens:") or --router-file (below "routers:"):

- name: %s
  sha256: %s
`, token, args[0], hash)
	if err != nil {
		return fmt.Errorf("the token could not be printed, and is lost: %w", err)
	}
	return nil
}
