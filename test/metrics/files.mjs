// Reads the files of deploy, and which metrics and labels an expression of PromQL names.
import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';
import { parse } from 'yaml';

export const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** The rules of deploy/alerts.yaml. */
export const rules = parse(read('deploy/alerts.yaml')).groups.flatMap(({ rules }) => rules);

export const dashboard = JSON.parse(read('deploy/grafana-dashboard.json'));

/** The panels of the dashboard that are not rows. */
export const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** The query of a variable, such as label_values(restore_gateway_build_info, job). */
const variableQueries = dashboard.templating.list
  .filter(({ type }) => type === 'query')
  .map(({ name, query }) => {
    const [, expr, label] = /^label_values\((.*), (\w+)\)$/.exec(query.query);
    return { where: `the variable ${name}`, expr, label };
  });

/** Replaces the variables of Grafana, as it does with "All" of each. */
export const withoutVariables = (expr) => expr.replaceAll('$__rate_interval', '15s').replaceAll(/\$\w+/g, '.*');

/** All expressions: of the alerts, of the dashboard's panels and of its variables. */
export const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: `the alert ${alert}`, expr })),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ where: `the panel ${title}`, expr: withoutVariables(expr) })),
  ),
  ...variableQueries.map((query) => ({ ...query, expr: withoutVariables(query.expr) })),
];

/**
 * Returns the selectors of an expression, each with the name of its metric and its matchers, and the labels by which it
 * groups or matches.
 */
export function namesIn(expr) {
  const selectors = [];
  const labels = new Set();
  let grouping = false;
  parser.parse(expr).iterate({
    enter: ({ name, node, type }) => {
      const text = expr.slice(node.from, node.to);
      if (type.isError) throw new Error(`not PromQL at ${node.from}: ${expr}`);
      if (name === 'VectorSelector') selectors.push({ metric: '', matchers: [] });
      if (name === 'Identifier' && node.parent.name === 'VectorSelector') selectors.at(-1).metric = text;
      if (name === 'GroupingLabels') grouping = true;
      if (name === 'LabelName' && grouping) labels.add(text);
      if (name === 'UnquotedLabelMatcher') {
        const [label, op, value] = ['LabelName', 'MatchOp', 'StringLiteral'].map((child) => {
          const { from, to } = node.getChild(child);
          return expr.slice(from, to);
        });
        selectors.at(-1).matchers.push({ label, op, value: JSON.parse(value) });
      }
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels') grouping = false;
    },
  });
  return { selectors, labels: [...labels] };
}
