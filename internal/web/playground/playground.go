package playground

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

// policy lets the page load and ask what its own gateway serves, and nothing else. Where
// it says more than 'self':
//   - style elements: Monaco and Radix make theirs in the browser; each needs the nonce;
//   - style attributes: Monaco draws its lines as HTML that has them. What they could
//     load is bound by the other lines;
//   - images by data: Monaco draws its squiggles that way.
var policy = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"worker-src 'self'",
	"connect-src 'self'",
	"font-src 'self'",
	"img-src 'self' data:",
	"style-src 'self' 'nonce-CSP_NONCE'",
	"style-src-attr 'unsafe-inline'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
}, "; ")

// FilesPath is below which the files of the page are served.
const FilesPath = "/playground/"

// Config says what the page tells of the gateway.
type Config struct {
	// Mode is "demo" or "live".
	Mode string
	// Jobs are those that the example operations ask for.
	Jobs Jobs
	// Dashboard is whether the page leads to /dashboard.
	Dashboard bool
}

// New makes the handler of the page at / and of its files below FilesPath.
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
		Path:   "/",
		Files:  built,
		Policy: policy,
		Data: pageData{
			Mode:      c.Mode,
			Dashboard: c.Dashboard,
			Examples:  examples,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("playground: %w", err)
	}
	return p, nil
}

// pageData is what the page reads, see web/playground/src/data.ts.
type pageData struct {
	Mode      string    `json:"mode"`
	Dashboard bool      `json:"dashboard"`
	Examples  []Example `json:"examples"`
}
