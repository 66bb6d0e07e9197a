// Debian's Prometheus scrapes the gateway and evaluates docs/alerts.yml.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { job, startGateway } from '../http/gateway.mjs';

const programs = new URL('../../bin/prometheus/usr/bin/', import.meta.url).pathname;
const alerts = await readFile(new URL('../../docs/alerts.yml', import.meta.url), 'utf8');

let folder, gateway, metrics;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metrics-'));
  await writeFile(join(folder, 'alerts.yml'), alerts);
  gateway = await startGateway('--admin-listen=127.0.0.1:0');
  metrics = gateway.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'serving metrics').url;
  const query = `{ serverlessRestoreJob(groupId: "${job.groupId}", clusterName: "${job.clusterName}", restoreJobId: "${job.restoreJobId}") { id } }`;
  const answer = await fetch(gateway.url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query }) });
  assert.equal((await answer.json()).data.serverlessRestoreJob.id, job.restoreJobId);
});

after(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true });
});

async function promtool(args, input) {
  const run = promisify(execFile)(join(programs, 'promtool'), args);
  run.child.stdin.end(input ?? '');
  const { stdout, stderr } = await run;
  return stdout + stderr;
}

test('promtool reports no problem with the metrics', async () => {
  const text = await (await fetch(metrics)).text();
  const ours = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?restore_gateway_/.test(line));
  assert.ok(ours.length > 100);
  assert.equal(await promtool(['check', 'metrics'], ours.join('\n') + '\n'), '');
});

test('each alert fires when it should, and not otherwise', async () => {
  await promtool(['check', 'rules', join(folder, 'alerts.yml')]);
  const names = [...alerts.matchAll(/alert: (\w+)/g)].map(([, name]) => name);
  const fires = {
    AtlasBudgetSpent: ['restore_gateway_atlas_budget_spent_projects{endpoint_set="cloud backups"}', '1+0x30'],
    AtlasLeftAlone: ['restore_gateway_atlas_breaker_state{endpoint_set="cloud backups", state="closed"}', '0+0x30', '1+0x30'],
    AtlasCredentialRefused: ['restore_gateway_graphql_errors_total{code="UPSTREAM_UNAUTHENTICATED"}', '0+10x30'],
    RestoreGatewaySlow: ['restore_gateway_graphql_operation_duration_seconds_bucket{operation_type="query", le="+Inf"}', '0+10x30'],
  };
  assert.deepEqual(names, Object.keys(fires));
  // A histogram in which every operation took longer than the second largest bound.
  const slow = ['restore_gateway_graphql_operation_duration_seconds_bucket{operation_type="query", le="20"}', '0+0x30'];
  for (const [name, [series, values, normal = '0+0x30']] of Object.entries(fires)) {
    for (const [input, fired] of [[values, 1], [normal, 0]]) {
      const file = join(folder, `${name}-${fired}.yml`);
      await writeFile(file, JSON.stringify({
        rule_files: ['alerts.yml'],
        tests: [{
          interval: '1m',
          input_series: [{ series, values: input }, { series: slow[0], values: slow[1] }],
          promql_expr_test: [{
            expr: `count(ALERTS{alertname="${name}", alertstate="firing"}) or vector(0)`,
            eval_time: '20m',
            exp_samples: [{ labels: '{}', value: fired }],
          }],
        }],
      }));
      await promtool(['test', 'rules', file]);
    }
  }
});

test('Prometheus scrapes the gateway and evaluates the alerts', async () => {
  const port = await freePort();
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: [{ job_name: 'gateway', static_configs: [{ targets: [new URL(metrics).host] }] }],
  }));
  const prometheus = spawn(join(programs, 'prometheus'), [
    `--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`, '--log.level=error',
    ...['console_templates', 'consoles'].map((name) => `--web.console.${name === 'consoles' ? 'templates' : 'libraries'}=${folder}`),
  ], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(prometheus, 'exit');
  try {
    const get = async (path) => (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()).data;
    const query = async (expr) => Number((await get(`query?query=${encodeURIComponent(expr)}`)).result[0]?.value[1]);
    const eventually = async (problem, check) => {
      for (let i = 0; i < 100; i++) {
        if (await check().catch(() => false)) return;
        await pause(200);
      }
      assert.fail(`${problem} within 20 s`);
    };
    await eventually('the gateway was not scraped', async () => (await query('up{job="gateway"}')) === 1);
    await eventually('operations are not counted', async () => (await query('restore_gateway_graphql_operations_total{operation_type="query",outcome="ok"}')) === 1);
    await eventually('the alerts are not evaluated', async () => {
      const [group] = (await get('rules')).groups;
      return group.rules.length === 4 && group.rules.every(({ health }) => health === 'ok');
    });
    assert.equal(await query('count(restore_gateway_atlas_breaker_state)'), 21);
  } finally {
    prometheus.kill('SIGTERM');
    await ended;
  }
});

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
