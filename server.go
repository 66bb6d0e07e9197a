// Command atlas-restore-gateway serves MongoDB Atlas backup restore jobs as GraphQL.
package main

import (
	"os"

	"atlas-restore-gateway/internal/app"
)

func main() { os.Exit(app.Main()) }
