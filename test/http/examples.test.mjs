// Runs the curl lines of docs/http.md and docs/querying.md, and compares status and code with what the documents say.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startGateway } from './gateway.mjs';

const read = (name) => readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const page = await read('http.md');

// The flags that some examples need, by the code of their response.
const flagsOf = (code, { manifest, tokens, policy }) =>
  ({
    UNAUTHENTICATED: ['--auth=token', `--token-file=${tokens}`, `--policy=${policy}`],
    INTROSPECTION_DISABLED: ['--introspection=off'],
    PERSISTED_QUERY_NOT_SUPPORTED: ['--no-persisted-queries'],
    DOCUMENT_NOT_TRUSTED: [`--trusted-documents=${manifest}`],
    ANSWER_BYTES_LIMIT_EXCEEDED: ['--max-answer-bytes=4096'],
  })[code] ?? [];

// The codes of operations that were executed: their responses have "data": null.
const executed = new Set(['ANSWER_BYTES_LIMIT_EXCEEDED']);

const examplesOf = (text) =>
  [...text.matchAll(/^(.*\bcurl .*)\n# (\d{3}) (\w+)$/gm)].map(([, line, status, code]) => ({ line, status, code }));
const examples = examplesOf(page);
const others = examplesOf(await read('querying.md'));

test('every code of docs/http.md has an example', () => {
  const named = new Set([...page.matchAll(/`([A-Z]+(?:_[A-Z]+)*_(?:EXCEEDED|FOUND|SUPPORTED|TRUSTED)|UNAUTHENTICATED)`/g)].map(([, code]) => code));
  const shown = new Set(examples.map(({ code }) => code));
  assert.deepEqual([...named].filter((code) => !shown.has(code)), []);
  assert.ok(examples.length > 25);
  assert.equal(others.length, 3);
});

test('the curl lines get the status and the code that the documents say', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'examples-'));
  const file = async (name, content) => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };
  const files = {
    manifest: await file('manifest.json', JSON.stringify({ other: '{ other: __typename }' })),
    tokens: await file('tokens.yaml', `tokens:\n- name: other\n  sha256: ${'0'.repeat(64)}\n`),
    policy: await file('policy.yaml', 'rules:\n- subject: {token: other}\n  projects: all\n  permissions: [jobs:read]\n'),
  };
  const gateways = new Map();
  try {
    for (const { line, status, code } of [...examples, ...others]) {
      const flags = flagsOf(code, files);
      const key = flags.join(' ');
      if (!gateways.has(key)) gateways.set(key, await startGateway(...flags));
      const script = `curl() { command curl -sS -w '\\n%{http_code}' "$@"; }\n${line.replace('http://127.0.0.1:8080/graphql', gateways.get(key).url)}`;
      const { stdout } = await promisify(execFile)('bash', ['-c', script], { maxBuffer: 10 << 20 });
      const [body, got] = [stdout.slice(0, stdout.lastIndexOf('\n')), stdout.slice(stdout.lastIndexOf('\n') + 1)];
      const answer = JSON.parse(body);
      assert.deepEqual([got, answer.errors[0].extensions.code, 'data' in answer], [status, code, executed.has(code)], `${line}\n${body}`);
    }
  } finally {
    for (const gateway of gateways.values()) await gateway.stop();
    await rm(dir, { recursive: true });
  }
});

test('X-Atlas-Cost has the values that docs/http.md shows', async () => {
  const [, line, want] = page.match(/```sh\n(curl -sD -[^`]*)```\n\nhas `(X-Atlas-Cost: [^`]*)`/);
  const gateway = await startGateway();
  try {
    const script = line.replace('http://127.0.0.1:8080/graphql', gateway.url);
    await promisify(execFile)('bash', ['-c', script]); // the Digest challenge, which is counted too
    const { stdout } = await promisify(execFile)('bash', ['-c', script]);
    assert.ok(stdout.includes(`${want}\r\n`), stdout);
  } finally {
    await gateway.stop();
  }
});
