// Package dashboard serves the dashboard. Its source is examples/dashboard, which people can copy; `make generate` builds
// it into files/.
package dashboard

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/web/login"
	"atlas-restore-gateway/internal/web/staticpage"
)

//go:embed files
var files embed.FS

// policy is the Content-Security-Policy: the page can load and query its own gateway alone, and where its user can sign
// in, ask the token endpoint of the OpenID provider.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src CONNECT",
	"img-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// Config is what the page shows of the gateway.
type Config struct {
	// Mode is "demo" or "live".
	Mode string
	// Playground links the page to /.
	Playground bool
	// Actions offers what mutations do.
	Actions bool
	// Login is how the user of the page can authenticate.
	Login login.Source
}

// pageData is the data of the page, see examples/dashboard/src/data.ts.
type pageData struct {
	Mode       string        `json:"mode"`
	Playground bool          `json:"playground"`
	Actions    bool          `json:"actions"`
	Login      login.Methods `json:"login"`
}

// New returns the handler of the page at /dashboard and of the files below it.
func New(c Config) (http.Handler, error) {
	built, err := fs.Sub(files, "files")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	p, err := staticpage.New(staticpage.Config{
		Path: "/dashboard", Files: built, Content: func(ctx context.Context) staticpage.Content {
			methods := c.Login(ctx)
			return staticpage.Content{
				Policy: strings.Replace(policy, "CONNECT", methods.ConnectSources(), 1),
				Data:   pageData{Mode: c.Mode, Playground: c.Playground, Actions: c.Actions, Login: methods},
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return p, nil
}
