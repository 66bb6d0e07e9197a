// The rules of deploy/alerts.yaml: their unit tests, and what an operator reads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { read, namesIn, rules } from './files.mjs';
import { promtool } from './prometheus.mjs';

const unitTests = 'test/metrics/alerts.unit.yaml';

test('promtool accepts the rules, and their unit tests pass', async () => {
  assert.match(
    await promtool(['check', 'rules', '--lint-fatal', 'deploy/alerts.yaml']),
    new RegExp(`${rules.length} rules found`),
  );
  await promtool(['test', 'rules', unitTests]);
});

test('unit tests have each alert fire, and not fire', () => {
  const checks = parse(read(unitTests)).tests.flatMap((unit) => unit.promql_expr_test);
  for (const { alert } of rules) {
    const own = checks.filter(({ expr }) => expr.includes(`"${alert}"`));
    assert.ok(
      own.some(({ expr, exp_samples: samples }) => expr.includes('firing') && samples.length > 0),
      `${alert} fires in no test`,
    );
    assert.ok(
      own.some(({ exp_samples: samples }) => samples.length === 0),
      `${alert} fires in each test`,
    );
  }
});

for (const { alert, expr, labels, annotations } of rules) {
  test(`${alert} says what it means, how urgent it is and where to read on`, () => {
    assert.match(alert, /^(Atlas|RestoreGateway)[A-Za-z]+$/);
    assert.match(labels.severity, /^(critical|warning)$/);
    assert.deepEqual(Object.keys(annotations), ['summary', 'description', 'runbook_url']);
    const [file, anchor] = annotations.runbook_url.split('#');
    const section = sections(read(file))[anchor];
    assert.ok(section, `${annotations.runbook_url} is no heading`);
    const row = section.split('\n').find((line) => line.startsWith(`| \`${alert}\` |`));
    assert.ok(row, `${annotations.runbook_url} has no row for ${alert}`);
    assert.equal(row.split(' | ')[1], labels.severity, `${annotations.runbook_url} names another severity`);

    // Only labels that its result has: of an aggregation those that it groups by, else those of the target.
    const grouped = /^\s*(sum|min|max|histogram_quantile)\b/.test(expr)
      ? namesIn(expr).labels
      : ['namespace', 'job', 'instance'];
    for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)) {
      assert.ok(grouped.includes(label) && label !== 'le', `it has no label ${label}`);
    }
  });
}

test('docs/operations.md has rows for these alerts alone', () => {
  const documented = [...read('docs/operations.md').matchAll(/^\| `((?:Atlas|RestoreGateway)\w+)` \|/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(documented.sort(), rules.map(({ alert }) => alert).sort());
});

/** The sections of a document by the anchors of their headings. */
function sections(text) {
  const found = {};
  for (const section of text.split(/^#+ /m).slice(1)) {
    const heading = section.slice(0, section.indexOf('\n'));
    found[
      heading
        .toLowerCase()
        .replaceAll(' ', '-')
        .replaceAll(/[^\p{L}\p{N}_-]/gu, '')
    ] = section;
  }
  return found;
}
