// Starts the built program and waits until its log has the address that it listens on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/atlas-restore-gateway', import.meta.url));

export async function startGateway({ args = ['--demo'], env = {}, listen = '127.0.0.1:0' } = {}) {
  const child = spawn(binary, ['--listen', listen, ...args], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8');
  const url = await new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`the program ended with ${code}: ${output}`)));
    child.stdout.on('data', text => {
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
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGTERM');
        await ended;
      }
    },
  };
}

/** The options of a gateway outside of demo mode, whose Atlas does not answer. */
export const live = (...args) => ({ args, env: { MONGODB_ATLAS_ACCESS_TOKEN: 'none', MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:9' } });
