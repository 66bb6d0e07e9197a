package authn

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"atlas-restore-gateway/internal/authz"
	"atlas-restore-gateway/internal/loopback"
	"atlas-restore-gateway/internal/reload"
)

// AdminAccess decides which clients of the admin listener may do what is not for everyone who reaches it. With the file
// of a token it is those that send the token, from this machine as well: before a proxy on this machine all clients seem
// to be here. Without a file it is the clients on this machine.
type AdminAccess struct {
	token *reload.Files[[sha256.Size]byte]
}

// NewAdminAccess reads the file of the token; without a path there is none.
func NewAdminAccess(path string) (AdminAccess, error) {
	if path == "" {
		return AdminAccess{}, nil
	}
	token, err := reload.Load(reload.Spec[[sha256.Size]byte]{
		Name: "admin token", Paths: []string{path},
		Parse: func(contents [][]byte) (digest [sha256.Size]byte, err error) {
			text := bytes.TrimSpace(contents[0])
			// The content is not repeated: it is a secret.
			if len(text) < MinTokenBytes || len(text) > maxTokenBytes || !isToken68(string(text)) {
				return digest, fmt.Errorf("%s must hold one secret of at least %d characters and nothing else: "+
					"write one by openssl rand -base64 32", path, MinTokenBytes)
			}
			return sha256.Sum256(text), nil
		},
	})
	return AdminAccess{token}, err
}

// Sources returns what can be reloaded.
func (a AdminAccess) Sources() []reload.Source {
	if a.token == nil {
		return nil
	}
	return []reload.Source{a.token}
}

var errWrongAdminToken = errors.New("authn: not the token of the admin listener")

// Check returns an *authz.Error if the client may not make the request: Unauthenticated where there is a token, else
// Forbidden.
func (a AdminAccess) Check(r *http.Request) error {
	if a.token == nil {
		if err := CheckLocal(r); err != nil {
			return &authz.Error{
				Kind: authz.Forbidden,
				Message: "without --admin-token-file this is served to clients on the gateway's own machine alone, at a loopback " +
					"address such as 127.0.0.1: call it from there, or set --admin-token-file",
				Err: err,
			}
		}
		return nil
	}
	token, err := bearer(r.Header)
	if err != nil {
		return err
	}
	if token == "" {
		return &authz.Error{
			Kind: authz.Unauthenticated, Challenge: challenge,
			Message: "this needs the secret of the file that --admin-token-file names: send Authorization: Bearer, and the secret",
		}
	}
	sent, want := sha256.Sum256([]byte(token)), a.token.Current()
	if constantTimeCompare(sent[:], want[:]) != 1 {
		return invalidCredential("the token is not the secret of the file that --admin-token-file names", errWrongAdminToken)
	}
	return nil
}

// CheckLocal returns an error unless the client is on this machine and no page of another site. A page can have its
// visitor's browser send requests to this machine, under the page's own name where that has an address of loopback (DNS
// rebinding). It looks at requests that only read as well: a profile takes time and memory.
func CheckLocal(r *http.Request) error {
	if !loopback.Is(r.RemoteAddr) {
		return errors.New("the client is on another machine")
	}
	if !loopback.Is(r.Host) {
		return errors.New("the host is not localhost or an address of loopback")
	}
	checked := *r
	checked.Method = http.MethodPost // GET is not checked
	return http.NewCrossOriginProtection().Check(&checked)
}
