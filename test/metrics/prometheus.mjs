// Runs the programs of Debian's Prometheus.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const root = new URL('../../', import.meta.url).pathname;
const programs = join(root, 'bin/prometheus/usr/bin');

/** Runs promtool in the root of the repository and returns its output. */
export async function promtool(args, input) {
  const run = promisify(execFile)(join(programs, 'promtool'), args, { cwd: root });
  run.child.stdin.end(input ?? '');
  const { stdout, stderr } = await run.catch((error) => {
    throw new Error(error.stdout + error.stderr);
  });
  return stdout + stderr;
}

/** Starts Prometheus with the rules of deploy/alerts.yaml. The targets are host:port by the name of the job. */
export async function startPrometheus(folder, targets) {
  const port = await freePort();
  await writeFile(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(root, 'deploy/alerts.yaml')],
      scrape_configs: Object.entries(targets).map(([name, target]) => ({
        job_name: name,
        static_configs: [{ targets: [target] }],
      })),
    }),
  );
  const prometheus = spawn(
    join(programs, 'prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
      ...['console_templates', 'consoles'].map(
        (name) => `--web.console.${name === 'consoles' ? 'templates' : 'libraries'}=${folder}`,
      ),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = once(prometheus, 'exit');
  const get = async (path) => {
    const { data, error } = await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();
    if (error) throw new Error(`${path}: ${error}`);
    return data;
  };
  return {
    get,
    /** Returns the series that an expression selects now. */
    query: async (expr) => {
      const { resultType, result } = await get(`query?query=${encodeURIComponent(expr)}`);
      return resultType === 'vector' ? result : [{ metric: {}, value: result }];
    },
    async stop() {
      prometheus.kill('SIGTERM');
      await ended;
    },
  };
}

/** Waits until check returns, and fails with its last error otherwise. */
export async function eventually(check) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await pause(200);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
