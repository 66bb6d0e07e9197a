// The pages of a gateway that authenticates its callers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { assertAccessible, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';
import { openPlayground, run, setEditor } from './graphiql.js';

const folder = mkdtempSync(join(tmpdir(), 'playground-'));
const token = 'arg_0123456789abcdef0123456789abcdef';

/** Writes a file and returns its path. */
function file(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

let browser, gateway;
before(async () => {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const tokens = file('tokens.yaml', `tokens:\n  - name: tester\n    sha256: ${sha256}\n`);
  const policy = file('policy.yaml', 'rules:\n  - subject: {token: tester}\n    projects: all\n    permissions: [jobs:read]\n');
  const args = ['--demo', '--auth=token', `--token-file=${tokens}`, `--policy=${policy}`];
  [browser, gateway] = await Promise.all([startBrowser(), startGateway({ args })]);
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  rmSync(folder, { recursive: true });
});

test('the playground says where the token goes', async () => {
  const { context, page, mistakes } = await openPlayground(browser, gateway);
  try {
    const notice = page.getByTestId('schema-notice');
    await notice.getByText('This gateway wants to know who you are.').waitFor();
    assert.match(await notice.innerText(), /into Headers, .* \{"Authorization": "Bearer …"\} with your token/);
    await assertAccessible(page, 'a playground that needs a token');

    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await setEditor(page, 'request-headers.json', JSON.stringify({ Authorization: `Bearer ${token}` }));
    await notice.getByRole('button', { name: 'Try again' }).click();
    await notice.waitFor({ state: 'detached' });
    assert.equal((await run(page)).data.serverlessRestoreJob.state, 'SUCCEEDED');
    // Chromium logs the statuses 401 to the console.
    assert.deepEqual(mistakes.filter(m => !/status of 401/.test(m)), []);
  } finally {
    await context.close();
  }
});

test('the dashboard says that it sends no token', async () => {
  const page = await browser.newPage();
  await page.goto(`${gateway.url}/dashboard`);
  await page.getByRole('heading', { name: 'The gateway does not know who you are' }).waitFor();
  assert.match(await page.locator('main, body').first().innerText(), /This example sends no token/);
});
