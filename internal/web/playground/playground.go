package playground

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

// policy is the Content-Security-Policy: the page can load and query its own gateway alone. Exceptions from 'self':
//   - CONNECT: the token endpoint of the OpenID provider, where the user can sign in;
//   - style elements: Monaco and Radix create theirs in the browser; each needs the nonce;
//   - style attributes: Monaco draws its lines as HTML with style attributes. The other directives restrict what they
//
// load;
//   - data: images: Monaco draws its squiggles with them.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"worker-src 'self'",
	"connect-src CONNECT",
	"font-src 'self'",
	"img-src 'self' data:",
	"style-src 'self' 'nonce-CSP_NONCE'",
	"style-src-attr 'unsafe-inline'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// FilesPath is the path of the files of the page.
const FilesPath = "/playground/"

// Config is what the page shows of the gateway.
type Config struct {
	// Mode is "demo" or "live".
	Mode string
	// Jobs are the jobs that the example operations ask for.
	Jobs Jobs
	// Dashboard links the page to /dashboard.
	Dashboard bool
	// Schema reports whether Schema is served at SchemaPath.
	Schema bool
	// Login is how the user of the page can authenticate.
	Login login.Source
}

// New returns the handler of the page at / and of its files below FilesPath.
func New(c Config) (http.Handler, error) {
	built, err := fs.Sub(files, "files")
	if err != nil {
		return nil, fmt.Errorf("playground: %w", err)
	}
	examples, err := examplesFor(c.Jobs)
	if err != nil {
		return nil, fmt.Errorf("playground: %w", err)
	}
	p, err := staticpage.New(staticpage.Config{
		Path: "/", Files: built, Content: func(ctx context.Context) staticpage.Content {
			methods := c.Login(ctx)
			return staticpage.Content{
				Policy: strings.Replace(policy, "CONNECT", methods.ConnectSources(), 1),
				Data: pageData{
					Mode: c.Mode, Dashboard: c.Dashboard, Schema: c.Schema, Login: methods, Examples: examples,
				},
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("playground: %w", err)
	}
	return p, nil
}

// pageData is the data of the page, see web/playground/src/data.ts.
type pageData struct {
	Mode      string        `json:"mode"`
	Dashboard bool          `json:"dashboard"`
	Schema    bool          `json:"schema"`
	Login     login.Methods `json:"login"`
	Examples  []Example     `json:"examples"`
}
