// Package dashboard serves the example dashboard. Its source is examples/dashboard, which people can copy; `make
// generate` builds it into files/.
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

// policy is the Content-Security-Policy: the page can load and query its own gateway alone.
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

// New returns the handler of the page at /dashboard and of the files below it.
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
