// The pages of a gateway that authenticates its callers by tokens.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertAccessible, openPage, quiet, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';
import { answer, openTab, readEditor, run, setEditor, showPane } from './graphiql.js';

const folder = mkdtempSync(join(tmpdir(), 'playground-'));
const token = 'arg_0123456789abcdef0123456789abcdef';

/** Writes a file and returns its path. */
function file(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

let browser, gateway, opened;
before(async () => {
  const sha256 = createHash('sha256').update(token).digest('hex');
  const expires = new Date(Date.now() + 3600_000).toISOString();
  const tokens = file('tokens.yaml', `tokens:\n  - name: tester\n    sha256: ${sha256}\n    expires: ${expires}\n`);
  const policy = file('policy.yaml', 'rules:\n  - subject: {token: tester}\n    projects: all\n    permissions: [jobs:read]\n');
  const args = ['--demo', '--auth=token', `--token-file=${tokens}`, `--policy=${policy}`, '--introspection=auto'];
  [browser, gateway] = await Promise.all([startBrowser(), startGateway({ args })]);
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await opened?.context.close();
  // Chromium logs the statuses 401 to the console.
  assert.deepEqual((opened?.mistakes ?? []).filter(m => !/status of 401/.test(m)), []);
  opened = undefined;
});

const signIn = async (page, value) => {
  await page.getByLabel('Bearer token').fill(value);
  await page.getByRole('button', { name: 'Use this token' }).click();
};

for (const [name, path, ready] of [
  ['the playground', '/', page => page.locator('.graphiql-query-editor .view-line').first().waitFor()],
  ['the dashboard', '/dashboard', page => page.getByRole('heading', { name: 'Sign in' }).waitFor()],
]) {
  describe(name, () => {
    const open = async options => {
      opened = await openPage(browser, gateway, options);
      await opened.page.goto(gateway.url + path);
      await ready(opened.page);
      return opened;
    };

    test('asks for nothing before it has a token', async () => {
      const { page, requests, mistakes } = await open();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await quiet(page);
      const data = requests.filter(r => /\/(graphql|caller|schema)$/.test(new URL(r.url()).pathname));
      assert.deepEqual(data.map(r => r.url()), []);
      assert.deepEqual(mistakes, []);
    });

    test('rejects a wrong token in words, which go away with the right one', async () => {
      const { page } = await open();
      await signIn(page, 'arg_wrong');
      const problem = page.locator('.login-problem');
      await problem.getByText('The gateway did not take the token').waitFor();
      await assertAccessible(page, 'a wrong token');
      await signIn(page, 'two words');
      await problem.getByText('This is no bearer token').waitFor();
      await signIn(page, token);
      await page.getByTestId('caller').getByText(/^token:tester until /).waitFor();
      assert.equal(await problem.count(), 0);
    });

    test('stores the token nowhere, and forgets it', async () => {
      const { page, context } = await open();
      await signIn(page, token);
      await page.getByTestId('caller').waitFor();
      const stored = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases(), location.href]));
      assert.doesNotMatch(stored, new RegExp(token));
      assert.deepEqual(await context.cookies(), []);
      await page.getByRole('button', { name: 'Forget my token' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      assert.equal(await page.getByTestId('caller').count(), 0);
      await page.reload();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    });

    for (const colorScheme of ['light', 'dark']) {
      test(`is accessible in ${colorScheme}`, async () => {
        for (const width of [1280, 390]) {
          const { page, context } = await open({ colorScheme, viewport: { width, height: 844 } });
          await assertAccessible(page, 'without a token');
          await signIn(page, token);
          await page.getByTestId('caller').waitFor();
          await assertAccessible(page, 'with a token');
          await context.close();
        }
      });
    }
  });
}

test('the playground sends the token with all tabs, and reads the schema with it', async () => {
  opened = await openPage(browser, gateway);
  const { page } = opened;
  await page.goto(gateway.url);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await signIn(page, token);
  await page.getByTestId('caller').waitFor();
  for (const [tab, field] of [['RestoreJob', 'serverlessRestoreJob'], ['FollowLinks', 'project']]) {
    await openTab(page, tab);
    assert.ok((await run(page)).data[field], tab);
  }
  await showPane(page, 'Docs');
  await page.locator('.graphiql-plugin').getByText('Query', { exact: true }).first().waitFor();
  // A header of a tab takes the place of the token there.
  await page.getByRole('button', { name: 'Headers', exact: true }).click();
  await setEditor(page, 'request-headers.json', '{ "authorization": "Bearer arg_wrong" }');
  assert.equal((await run(page)).errors[0].extensions.code, 'UNAUTHENTICATED');
  assert.match(await readEditor(page, 'response.json'), /UNAUTHENTICATED/);
  await answer(page);
});

test('the dashboard shows jobs, and subscribes with the token', async () => {
  opened = await openPage(browser, gateway);
  const { page } = opened;
  await page.goto(`${gateway.url}/dashboard#states=FAILED`);
  await signIn(page, token);
  await page.getByTestId('freshness').getByText(/^Live/).waitFor();
  assert.ok((await page.locator('.table tbody tr').count()) > 5);
  assert.match(page.url(), /#states=FAILED$/);
});

test('the dashboard says which permission the URLs of a download need', async () => {
  opened = await openPage(browser, gateway);
  const { page } = opened;
  await page.goto(`${gateway.url}/dashboard#states=READY`);
  await signIn(page, token);
  await page.locator('a.job').first().click();
  await page.getByRole('button', { name: 'Show the download URLs' }).click();
  const problem = page.getByRole('alert');
  await problem.getByText('The URLs could not be read.').waitFor();
  assert.match(await problem.innerText(), /downloads:read.*FORBIDDEN/s);
});

test('the dashboard ends with its token', async () => {
  opened = await openPage(browser, gateway);
  const { page } = opened;
  await page.clock.install();
  await page.goto(`${gateway.url}/dashboard`);
  await signIn(page, token);
  await page.getByTestId('caller').waitFor();
  await page.locator('.table').waitFor();
  await page.clock.fastForward(3600_000);
  await page.locator('.login-problem').getByText('Your token has expired.').waitFor();
  assert.equal(await page.locator('.table').count(), 0);
});
