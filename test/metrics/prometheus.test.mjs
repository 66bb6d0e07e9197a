// Debian's Prometheus scrapes two gateways, evaluates deploy/alerts.yaml and answers the queries of the dashboard.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { job, startGateway, startProgram } from '../http/gateway.mjs';
import { expressions, namesIn, panels, read, rules, withoutVariables } from './files.mjs';
import { eventually, promtool, startPrometheus } from './prometheus.mjs';

// Nothing listens at port 9.
const nothing = '127.0.0.1:9';

let folder, demo, credentials, prometheus;
let events; // of a subscription: a response that is not referred to is closed
const subscription = new AbortController();

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metrics-'));
  const write = async (name, text) => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  // The metrics of Redis are served while it is away, and those of Atlas with the label credential.
  demo = await startGateway(
    '--admin-listen=127.0.0.1:0',
    `--replica-redis=redis://${nothing}`,
    `--replica-key-file=${await write('key', randomBytes(32).toString('base64'))}`,
  );
  await write('private', 'private-key-of-the-test');
  const entry = (name, project) => ({
    name,
    projects: [project],
    baseUrl: `http://${nothing}`,
    apiKey: { publicKey: 'abcdefgh', privateKey: { file: 'private' } },
  });
  credentials = await startProgram(
    '--admin-listen=127.0.0.1:0',
    '--atlas-credentials=' +
      (await write(
        'credentials.yaml',
        JSON.stringify({
          credentials: [entry('payments', job.groupId), entry('shop', '63f3484e1f3a9b27c6000002')],
        }),
      )),
  );
  for (const gateway of [demo, credentials]) {
    gateway.metrics = gateway.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'serving metrics').url;
  }
  prometheus = await startPrometheus(folder, {
    demo: new URL(demo.metrics).host,
    credentials: new URL(credentials.metrics).host,
  });
  events = await post(
    demo,
    `subscription { restoreJobs(groupId: "${job.groupId}", first: 3) { nodes { id } } }`,
    { Accept: 'text/event-stream' },
    subscription.signal,
  );
  assert.match(events.headers.get('content-type'), /^text\/event-stream/);
});

after(async () => {
  subscription.abort();
  for (const started of [prometheus, demo, credentials]) await started?.stop();
  await rm(folder, { recursive: true });
});

const jobOf = ({ groupId, clusterName, restoreJobId }) =>
  `serverlessRestoreJob(groupId: "${groupId}", clusterName: "${clusterName}", restoreJobId: "${restoreJobId}") { id }`;

const post = (gateway, query, headers, signal) =>
  fetch(gateway.url, {
    method: 'POST',
    signal,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });

/** Queries a job, one that does not exist, what is not in the schema, and a job at an Atlas that does not answer. */
async function traffic() {
  const found = await (await post(demo, `{ ${jobOf(job)} }`)).json();
  assert.equal(found.data.serverlessRestoreJob.id, job.restoreJobId);
  for (const [gateway, query] of [
    [demo, `{ ${jobOf({ ...job, restoreJobId: '65a0000000000000000000aa' })} }`],
    [demo, '{ nothing }'],
    [credentials, `{ ${jobOf(job)} }`],
  ]) {
    assert.ok((await (await post(gateway, query)).json()).errors);
  }
}

/** The series that the gateways serve: for each name the labels of each series. */
async function served() {
  const series = new Map();
  for (const { metrics } of [demo, credentials]) {
    for (const line of (await (await fetch(metrics)).text()).split('\n')) {
      const [, name, labels] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
      if (!name) continue;
      const found = [...(labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [
        label,
        value,
      ]);
      series.set(name, [...(series.get(name) ?? []), Object.fromEntries(found)]);
    }
  }
  return series;
}

test('promtool reports no problem with the metrics', async () => {
  const text = await (await fetch(demo.metrics)).text();
  const ours = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?restore_gateway_/.test(line));
  assert.ok(ours.length > 100);
  assert.equal(await promtool(['check', 'metrics'], ours.join('\n') + '\n'), '');
});

test('each metric and label that an alert or the dashboard names is served', async () => {
  await traffic();
  const series = await served();
  // Prometheus has these by itself: of a target, and of the alerts.
  const ofTargets = ['namespace', 'job', 'instance'];
  series.set('up', [{}]).set('ALERTS', [{ alertname: '', alertstate: '' }]);
  const guide = read('docs/operations.md') + read('docs/querying.md');
  for (const { where, expr, label } of expressions) {
    const { selectors, labels } = namesIn(expr);
    assert.ok(selectors.length > 0, where);
    const has = (metric, name) => series.get(metric).some((labels) => name in labels);
    for (const { metric, matchers } of selectors) {
      assert.ok(series.has(metric), `${where} names ${metric}, which is not served`);
      for (const { label, value } of matchers) {
        assert.ok(
          ofTargets.includes(label) || has(metric, label),
          `${where} names the label ${label}, which ${metric} does not have`,
        );
        if (metric === 'ALERTS') continue;
        // A value that is no pattern is served, or documented.
        for (const one of value.split('|').filter((text) => /^[\w -]+$/.test(text))) {
          assert.ok(
            guide.includes(`\`${one}\``) || series.get(metric).some((labels) => labels[label] === one),
            `${where} names ${label}="${one}", which ${metric} does not have`,
          );
        }
      }
    }
    for (const name of [...labels, ...(label ? [label] : [])]) {
      assert.ok(
        ofTargets.includes(name) || selectors.some(({ metric }) => has(metric, name)),
        `${where} groups by ${name}, which is no label of it`,
      );
    }
  }
});

test('the legends of the dashboard name labels of their series', () => {
  const ofTargets = ['namespace', 'job', 'instance'];
  for (const { title, targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      const { labels } = namesIn(withoutVariables(expr));
      const aggregated = /^\(?(sum|min|max|count|histogram_quantile)\b/.test(expr);
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        assert.ok((aggregated ? labels : ofTargets).includes(label), `${title}: the result has no label ${label}`);
      }
    }
  }
});

test('Prometheus evaluates the alerts', async () => {
  await eventually(async () => {
    const evaluated = (await prometheus.get('rules')).groups.flatMap(({ rules }) => rules);
    assert.deepEqual(
      evaluated.map(({ name, health }) => `${name} ${health}`).sort(),
      rules.map(({ alert }) => `${alert} ok`).sort(),
    );
  });
  // Redis is away from one gateway, and Atlas from the other: these are pending.
  const { alerts } = await eventually(async () => {
    await traffic();
    const found = await prometheus.get('alerts');
    const names = found.alerts.map(({ labels }) => labels.alertname);
    for (const name of ['RestoreGatewayRedisAway', 'AtlasFailing'])
      assert.ok(names.includes(name), `${name} is not pending`);
    return found;
  });
  for (const { annotations } of alerts) assert.doesNotMatch(JSON.stringify(annotations), /error expanding|<no value>/);
});

test('each query of the dashboard has data', async () => {
  // A command for Redis takes no time, where none was sent.
  const empty = ['Time for a command'];
  await eventually(async () => {
    await traffic();
    const missing = [];
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const result = await prometheus.query(withoutVariables(expr));
        if (!result.some(({ value: [, value] }) => value !== 'NaN') && !empty.includes(title))
          missing.push(`${title}: ${expr}`);
      }
    }
    assert.deepEqual(missing, []);
  });
});

test('the values of the dashboard are those of the gateways', async () => {
  const value = async (title) => {
    const {
      targets: [{ expr }],
    } = panels.find((panel) => panel.title === title);
    return Object.fromEntries(
      (await prometheus.query(withoutVariables(expr))).map(({ metric, value }) => [
        Object.values(metric)
          .filter((text) => !text.includes(':'))
          .join(' '),
        Number(value[1]),
      ]),
    );
  };
  await eventually(async () => {
    assert.deepEqual(await value('Gateways down'), { '': 0 });
    assert.deepEqual(await value('Open subscriptions'), { callback: 0, multipart: 0, sse: 1, websocket: 0 });
    assert.deepEqual(Object.values(await value('Redis')), [0]);
  });
});
