package main

import (
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// row is a question of an operator, and the panels that answer it, from the left to the right.
type row struct {
	question string
	panels   []panel
}

// panel is one panel: a graph over time, or with now set its last values as numbers. A row is 24 columns wide.
type panel struct {
	title       string
	description string
	now         bool
	width       uint32
	unit        string // as Grafana names it
	queries     []query
	limits      []limit // from the smallest on: the color from a value on; it is green, or color, below
	color       string  // below limits; green when empty
	low, high   *float64
	states      []string // the texts of the values 0, 1, …
	stacked     bool
	none        string // is said where there is no data
	exemplars   bool   // whether the traces of single requests are shown, where Prometheus has them
}

// query is an expression in which GATEWAY stands for the labels of the chosen gateways, and UPSTREAM for those and the
// chosen Atlas credentials.
type query struct{ expr, legend string }

// limit is a value from which on a panel has another color.
type limit struct {
	value float64
	color string
}

const (
	statHeight  = 4
	graphHeight = 8
)

// selectors has the labels that each name in an expression stands for.
var selectors = strings.NewReplacer(
	"GATEWAY", `namespace=~"$namespace", job=~"$job", instance=~"$instance"`,
	"UPSTREAM", `namespace=~"$namespace", job=~"$job", instance=~"$instance", credential=~"$credential"`,
)

// source is the data source that the variable datasource chooses.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

func (p *panel) build(id uint32) cog.Builder[dashboard.Panel] {
	if p.now {
		b := stat.NewPanelBuilder().
			Id(id).Title(p.title).Description(p.description).Datasource(source()).
			Height(statHeight).Span(p.width).
			Unit(p.unit).Thresholds(p.thresholds()).
			Targets(p.targets()).
			Orientation(common.VizOrientationAuto).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
			ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
			ColorMode(common.BigValueColorModeValue).
			GraphMode(common.BigValueGraphModeArea)
		if p.none != "" {
			b.NoValue(p.none)
		}
		return b
	}
	b := timeseries.NewPanelBuilder().
		Id(id).Title(p.title).Description(p.description).Datasource(source()).
		Height(graphHeight).Span(p.width).
		Unit(p.unit).Thresholds(p.thresholds()).Mappings(p.mappings()).
		Targets(p.targets()).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		LineWidth(1).FillOpacity(10).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().
			DisplayMode(common.LegendDisplayModeTable).Placement(common.LegendPlacementBottom).ShowLegend(true).
			Calcs([]string{"lastNotNull", "max"})).
		Tooltip(common.NewVizTooltipOptionsBuilder().
			Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if len(p.limits) > 0 {
		b.ThresholdsStyle(common.NewGraphThresholdsStyleConfigBuilder().Mode(common.GraphThresholdsStyleModeDashed))
	}
	if len(p.states) > 0 {
		b.LineInterpolation(common.LineInterpolationStepAfter)
	}
	if p.none != "" {
		b.NoValue(p.none)
	}
	if p.low != nil {
		b.Min(*p.low)
	}
	if p.high != nil {
		b.Max(*p.high)
	}
	if p.stacked {
		b.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	}
	return b
}

func (p *panel) targets() []cog.Builder[variants.Dataquery] {
	targets := make([]cog.Builder[variants.Dataquery], len(p.queries))
	for i, q := range p.queries {
		targets[i] = prometheus.NewDataqueryBuilder().
			RefId(string(rune('A' + i))).
			Datasource(source()).
			EditorMode(prometheus.QueryEditorModeCode).
			Expr(selectors.Replace(q.expr)).
			LegendFormat(q.legend).
			Exemplar(p.exemplars).
			Range()
	}
	return targets
}

func (p *panel) thresholds() cog.Builder[dashboard.ThresholdsConfig] {
	color := p.color
	if color == "" {
		color = "green"
	}
	steps := []dashboard.Threshold{{Color: color}}
	for _, l := range p.limits {
		steps = append(steps, dashboard.Threshold{Value: cog.ToPtr(l.value), Color: l.color})
	}
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

func (p *panel) mappings() []dashboard.ValueMapping {
	if len(p.states) == 0 {
		return nil
	}
	texts := make(map[string]dashboard.ValueMappingResult)
	for value, state := range p.states {
		texts[strconv.Itoa(value)] = dashboard.ValueMappingResult{Text: cog.ToPtr(state)}
	}
	return []dashboard.ValueMapping{{
		ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: texts},
	}}
}

// variables are what the reader of the dashboard chooses: a data source, and which gateways it shows. The label
// namespace exists in Kubernetes only, and credential with several Atlas credentials only, so that "All" of these is
// any value or none. "All" of the others is each gateway that there is, and not every process that Prometheus scrapes.
func variables() []cog.Builder[dashboard.VariableModel] {
	const (
		anyValue         = ".*"
		labelValuesQuery = 1 // as the editor of Grafana names it
	)
	all := dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{String: cog.ToPtr("All")},
		Value:    dashboard.StringOrArrayOfString{String: cog.ToPtr("$__all")},
	}
	labelValues := func(label, title, allValue, of string) cog.Builder[dashboard.VariableModel] {
		text := "label_values(" + of + ", " + label + ")"
		b := dashboard.NewQueryVariableBuilder(label).
			Label(title).Datasource(source()).
			Query(dashboard.StringOrMap{Map: map[string]any{
				"qryType": labelValuesQuery, "query": text, "refId": "PrometheusVariableQueryEditor-VariableQuery",
			}}).
			Definition(text).
			Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
			Sort(dashboard.VariableSortAlphabeticalAsc).
			Multi(true).IncludeAll(true).Current(all)
		if allValue != "" {
			b.AllValue(allValue)
		}
		return b
	}
	return []cog.Builder[dashboard.VariableModel]{
		dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus"),
		labelValues("namespace", "Namespace", anyValue, "restore_gateway_build_info"),
		labelValues("job", "Job", "", `restore_gateway_build_info{namespace=~"$namespace"}`),
		labelValues("instance", "Instance", "", `restore_gateway_build_info{namespace=~"$namespace", job=~"$job"}`),
		labelValues("credential", "Atlas credential", anyValue,
			`restore_gateway_atlas_retries_total{namespace=~"$namespace", job=~"$job", instance=~"$instance"}`),
	}
}

// perSecond returns how fast the counters of a selector grow, summed up by labels with commas between, or all of them.
func perSecond(by, selector string) string {
	if by != "" {
		by = " by (" + by + ") "
	}
	return "sum" + by + "(rate(" + selector + "[$__rate_interval]))"
}

// perMinute returns how fast the counters of a selector grow in a minute.
func perMinute(by, selector string) string { return perSecond(by, selector) + " * 60" }

// quantile returns a quantile of the histogram with these buckets, for each value of a label, or of all.
func quantile(q, by, buckets string) string {
	if by != "" {
		by = ", " + by
	}
	return "histogram_quantile(" + q + ", " + perSecond("le"+by, buckets+"{GATEWAY}") + ")"
}
