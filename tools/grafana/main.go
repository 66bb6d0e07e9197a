// Command grafana prints deploy/grafana-dashboard.json: the rows of this package, by the builders of Grafana's SDK,
// which know the schema. It returns the same bytes each time.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	text, err := render(rows)
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cannot make the dashboard:", err)
		os.Exit(1)
	}
}

// render returns the dashboard as JSON that Grafana 10 and newer import.
func render(rows []row) ([]byte, error) {
	built, err := build(rows)
	if err != nil {
		return nil, err
	}
	built.SchemaVersion = schemaVersion
	text, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, err
	}
	fields["id"] = nil // Grafana gives it one.
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // expressions have < and >
	encoder.SetIndent("", "  ")
	err = encoder.Encode(fields)
	return out.Bytes(), err
}

// schemaVersion is that of Grafana 10.4. The SDK writes what Grafana 12 does, but nothing here needs it, and a newer
// Grafana migrates an older schema.
const schemaVersion = 39

func build(rows []row) (dashboard.Dashboard, error) {
	b := dashboard.NewDashboardBuilder("Atlas Restore Gateway").
		Uid("atlas-restore-gateway").
		Description("The gateway for MongoDB Atlas backup restore jobs: see docs/operations.md.").
		Tags([]string{"atlas-restore-gateway", "mongodb", "graphql"}).
		Timezone("browser").
		Time("now-1h", "now").
		Refresh("30s").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Readonly()
	for _, v := range variables() {
		b.WithVariable(v)
	}
	var id uint32
	for _, r := range rows {
		id++
		b.WithRow(dashboard.NewRowBuilder(r.question).Id(id))
		for _, p := range r.panels {
			id++
			b.WithPanel(p.build(id))
		}
	}
	return b.Build()
}
