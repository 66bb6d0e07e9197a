// The pages of a gateway whose callers sign in at a real OpenID provider: the authorization code flow with PKCE.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPage, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';

const folder = mkdtempSync(join(tmpdir(), 'signin-'));
const certificate = join(folder, 'provider.pem');
const policy = join(folder, 'policy.yaml');

let browser, gateway, provider, issuer, opened;
before(async () => {
  provider = spawn(fileURLToPath(new URL('../../bin/provider', import.meta.url)), [certificate], { stdio: ['pipe', 'pipe', 'inherit'] });
  issuer = String((await once(provider.stdout, 'data'))[0]).trim();
  writeFileSync(policy, 'rules:\n  - subject: {claims: {sub: [id1]}}\n    projects: all\n    permissions: [jobs:read]\n');
  const args = ['--demo', '--auth=oidc', `--oidc-issuer=${issuer}`, '--oidc-audience=console', '--oidc-client-id=console', `--policy=${policy}`];
  [browser, gateway] = await Promise.all([startBrowser(), startGateway({ args, env: { SSL_CERT_FILE: certificate } })]);
});
after(async () => {
  await Promise.all([browser?.close(), gateway?.stop()]);
  provider?.stdin.end();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await opened?.context.close();
  opened = undefined;
});

const open = async path => {
  // The certificate of the provider is its own. Its page for people is not ours to judge.
  opened = await openPage(browser, gateway, { elsewhere: [issuer], ignoreHTTPSErrors: true });
  await opened.page.goto(gateway.url + path);
  return opened;
};
const stored = page => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));

for (const [name, path, done] of [
  ['the dashboard', '/dashboard', page => page.locator('.table').waitFor()],
  ['the playground', '/', page => page.locator('.graphiql-query-editor .view-line').first().waitFor()],
]) {
  test(`${name} signs its user in, and shows what was asked for`, async () => {
    const view = path === '/' ? '' : '#states=FAILED';
    const { page, requests, mistakes } = await open(path + view);
    const policy = (await (await fetch(gateway.url + path)).headers.get('content-security-policy')).split('; ');
    const [connect] = policy.filter(directive => directive.startsWith('connect-src'));
    assert.equal(connect, `connect-src 'self' ${issuer}/oauth/token`);
    assert.deepEqual(policy.filter(directive => directive !== connect && directive.includes('https:')), []);

    await page.getByRole('button', { name: `Sign in at ${new URL(issuer).host}` }).click();
    await page.getByLabel('Username').waitFor();
    const authorize = requests.map(r => new URL(r.url())).find(url => url.pathname === '/authorize' || url.searchParams.has('code_challenge'));
    assert.equal(authorize.searchParams.get('code_challenge_method'), 'S256');
    assert.doesNotMatch(decodeURIComponent(authorize.href), /FAILED/, 'the provider sees the view of the page');
    await page.getByLabel('Username').fill('test-user@127.0.0.1');
    await page.getByLabel('Password').fill('verysecure');
    await page.getByRole('button', { name: 'Login' }).click();
    await done(page);
    await page.getByTestId('caller').getByText(/^oidc:id1 until /).waitFor();
    assert.equal(page.url(), gateway.url + path + view, 'the address has more than the view');
    assert.doesNotMatch(await stored(page), /verifier|:login|eyJ/);
    assert.deepEqual(mistakes.filter(m => !/favicon|autocomplete|status of 404/.test(m)), []);
  });
}

test('while the user is at the provider the browser has the verifier and the state, and nothing else', async () => {
  const { page } = await open('/dashboard');
  await page.route('**/authorize**', route => route.fulfill({ body: 'the provider' }));
  await page.getByRole('button', { name: /^Sign in at/ }).click();
  await page.waitForURL(url => url.origin === issuer);
  await page.goto(`${gateway.url}/health/live`);
  const [[, entry], ...others] = await page.evaluate(() => Object.entries(sessionStorage));
  assert.deepEqual(others, []);
  assert.deepEqual(Object.keys(JSON.parse(entry)).sort(), ['state', 'verifier']);
});

test('a code that this page did not ask for is not used', async () => {
  const { page, requests } = await open('/dashboard?code=stolen&state=made-up');
  await page.locator('.login-problem').getByText('The sign-in was not begun on this page').waitFor();
  assert.equal(page.url(), `${gateway.url}/dashboard`);
  assert.equal(requests.some(r => r.url().startsWith(issuer)), false);
});

test('a user who may see nothing gets an empty list of projects, and a rejected one its reason', async () => {
  const { page } = await open('/dashboard');
  await page.getByRole('button', { name: /^Sign in at/ }).click();
  await page.getByLabel('Username').fill('test-user2');
  await page.getByLabel('Password').fill('verysecure');
  await page.getByRole('button', { name: 'Login' }).click();
  await page.getByTestId('caller').getByText(/^oidc:id2/).waitFor();
  await page.getByText('You may not read any project').waitFor();
});
