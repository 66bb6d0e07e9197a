// Command gqlgen is github.com/99designs/gqlgen with two plugins more. `make generate` runs it in the
// directory of gqlgen.yml.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "gqlgen:", err)
		os.Exit(1)
	}
}

func generate() error {
	// gqlgen logs its progress; failures are errors.
	log.SetOutput(io.Discard)
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return err
	}
	return api.Generate(cfg, api.AddPlugin(withoutSubscription{}), api.AddPlugin(fastpath{}))
}
