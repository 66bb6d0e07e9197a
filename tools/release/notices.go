package main

import (
	"fmt"
	"strings"
)

// noticesName is the name of the file with notices.
const noticesName = "THIRD-PARTY-NOTICES"

// notices returns the licenses of what is released beside the program's own code, as a text.
func (r release) notices(c contents) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `Third-party software in %s %s

The name of a Go module is the address of its source code; "go mod download NAME@VERSION" gets it, and
"npm pack NAME@VERSION" an npm package. "std" is the standard library of Go.
`, program, r.version)
	write := func(dependencies []dependency) {
		for _, d := range dependencies {
			fmt.Fprintf(&text, "\n%s\n%s %s (%s)\n\n%s\n", strings.Repeat("=", 80), d.name, d.version,
				strings.Join(d.licenses, ", "), d.text)
		}
	}
	write(c.modules)
	write(c.others)
	return []byte(text.String())
}
