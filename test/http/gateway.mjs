// Starts the built gateway on a free port, and stops it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const binary = new URL('../../bin/atlas-restore-gateway', import.meta.url).pathname;

// A job that always exists in demo mode.
export const job = {
  groupId: '63f3484e1f3a9b27c6000001',
  clusterName: 'orders',
  restoreJobId: '67ebae01a6713bc8f4000000',
};

export const startGateway = (...flags) => startProgram('--demo', ...flags);

export async function startProgram(...flags) {
  const child = spawn(binary, ['--listen=127.0.0.1:0', '--log-format=json', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  const log = [];
  const serving = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      const record = JSON.parse(line);
      if (record.msg === 'serving') resolve(record.url);
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${log.join('\n')}`)));
  });
  const url = await serving;
  return {
    url,
    log,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
