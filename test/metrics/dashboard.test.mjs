// The dashboard for Grafana as a file: that it can be imported, and read. It follows the schema, because Grafana's SDK
// makes it (tools/grafana).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { dashboard, panels, rules } from './files.mjs';

const source = { type: 'prometheus', uid: '${datasource}' };

test('the dashboard holds nothing of one Grafana', () => {
  assert.equal(dashboard.id, null);
  assert.equal(dashboard.uid, 'atlas-restore-gateway');
  assert.ok(dashboard.schemaVersion <= 39, 'Grafana 10 does not know the schema');
  assert.ok(!('__inputs' in dashboard), 'the import would ask for a data source, and provisioning cannot answer');
  for (const { title, datasource, targets } of panels) {
    assert.deepEqual(datasource, source, title);
    for (const target of targets) assert.deepEqual(target.datasource, source, title);
  }
});

test('the variables choose a data source and gateways', () => {
  const variables = dashboard.templating.list;
  assert.deepEqual(
    variables.map(({ name }) => name),
    ['datasource', 'namespace', 'job', 'instance', 'credential'],
  );
  assert.deepEqual([variables[0].type, variables[0].query], ['datasource', 'prometheus']);
  for (const { datasource, includeAll, multi } of variables.slice(1))
    assert.deepEqual([datasource, includeAll, multi], [source, true, true]);
  // The process metrics that it shows are those of gateways, and not of all programs that Prometheus scrapes.
  for (const { name, allValue } of variables.slice(1))
    assert.equal(allValue, ['namespace', 'credential'].includes(name) ? '.*' : undefined);
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      if (!expr.includes('ALERTS'))
        assert.equal(
          expr.split('{').length - 1,
          expr.split('namespace=~"$namespace", job=~"$job", instance=~"$instance"').length - 1,
          title,
        );
    }
  }
});

test('the rows are questions, and no panels overlap', () => {
  assert.equal(dashboard.panels[0].type, 'row');
  for (const { type, title } of dashboard.panels)
    if (type === 'row') assert.match(title, /^(Is|Do|Does|What|How) .*\?/);
  const taken = new Map();
  for (const {
    title,
    gridPos: { x, y, w, h },
  } of dashboard.panels) {
    assert.ok(w > 0 && h > 0 && x >= 0 && x + w <= 24, `${title} is not within 24 columns`);
    for (let row = y; row < y + h; row++) {
      for (let column = x; column < x + w; column++) {
        assert.equal(taken.get(`${row}/${column}`), undefined, `${title} overlaps another panel`);
        taken.set(`${row}/${column}`, title);
      }
    }
  }
  const height = Math.max(...dashboard.panels.map(({ gridPos: { y, h } }) => y + h));
  assert.equal(taken.size, height * 24, 'there are gaps');
});

test('each panel says what it shows, in which unit, and of what', () => {
  const ids = new Set(dashboard.panels.map(({ id }) => id));
  assert.equal(ids.size, dashboard.panels.length, 'two panels have one id');
  const titles = new Set(panels.map(({ title }) => title));
  assert.equal(titles.size, panels.length, 'two panels have one title');
  const alerts = rules.map(({ alert }) => alert);
  for (const {
    title,
    description,
    fieldConfig: { defaults },
    targets,
  } of panels) {
    assert.ok(description?.endsWith('.'), `${title} has no description`);
    assert.ok(defaults.unit, `${title} has no unit`);
    assert.ok(
      defaults.thresholds.steps.length > 0 && defaults.thresholds.steps[0].value === null,
      `${title} has no thresholds`,
    );
    for (const { legendFormat } of targets) assert.ok(legendFormat, `${title} has no legend`);
    assert.deepEqual(
      targets.map(({ refId }) => refId),
      [...'ABC'].slice(0, targets.length),
    );
    for (const [path] of description.matchAll(/\b(docs|deploy)\/[\w./-]*\w/g)) {
      assert.ok(existsSync(new URL(`../../${path}`, import.meta.url)), `${title} names ${path}`);
    }
    for (const [alert] of description.matchAll(/\b(Atlas|RestoreGateway)[A-Z]\w+/g))
      assert.ok(alerts.includes(alert), `${title} names ${alert}`);
  }
});
