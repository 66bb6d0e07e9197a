// Package dashboard serves the example dashboard, whose source in examples/dashboard is
// there to be copied; `make generate` builds it into files/.
package dashboard

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"atlas-restore-gateway/internal/web/staticpage"
)

//go:embed files
var files embed.FS

// policy lets the page load and ask what its own gateway serves, and nothing else.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"connect-src 'self'",
	"img-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// New makes the handler of the page at /dashboard and of its files below it.
func New() (http.Handler, error) {
	built, err := fs.Sub(files, "files")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	p, err := staticpage.New(staticpage.Config{Path: "/dashboard", Files: built, Policy: policy})
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return p, nil
}
