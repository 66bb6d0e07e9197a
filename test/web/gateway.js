// Starts the built program, as a person would, and waits until it says where it listens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/atlas-restore-gateway', import.meta.url));

export async function startGateway({ args = ['--demo'], env = {}, listen = '127.0.0.1:0' } = {}) {
  const process_ = spawn(binary, ['--listen', listen, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  process_.stdout.setEncoding('utf8');
  const url = await new Promise((resolve, reject) => {
    process_.once('exit', code => reject(new Error(`the program ended with ${code}: ${output}`)));
    process_.stdout.on('data', text => {
      output += text;
      const found = /url=(http:\/\/\S+)\/graphql/.exec(output);
      if (found) {
        resolve(found[1]);
      }
    });
  });
  return {
    url,
    listen: new URL(url).host,
    async stop() {
      if (process_.exitCode === null) {
        const ended = once(process_, 'exit');
        process_.kill('SIGTERM');
        await ended;
      }
    },
  };
}

/** A gateway before an Atlas that does not answer. */
export const live = (...args) => ({ args, env: { MONGODB_ATLAS_ACCESS_TOKEN: 'none', MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:9' } });
