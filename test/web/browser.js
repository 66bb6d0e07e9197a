// Debian's Chromium, with no network but the gateway, and an eye on what a page must not do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A browser that can resolve no name and reach no address but this machine's loopback. */
export function startBrowser() {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/**
 * A page in a context of its own. Its `mistakes` collect requests to anything but the gateway,
 * violations of the policy, messages of the console that are errors or warnings, and errors that
 * nobody caught.
 */
export async function openPage(browser, gateway, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const mistakes = [];
  const requests = [];
  context.on('request', request => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && url.origin !== gateway.url) {
      mistakes.push(`a request to ${request.url()}`);
    }
    requests.push(request);
  });
  await context.exposeBinding('reportViolation', (_source, text) => mistakes.push(text));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', e => reportViolation(`the policy was violated: ${e.violatedDirective} by ${e.blockedURI} ${e.sample}`));
  });
  const page = await context.newPage();
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) {
      mistakes.push(`the console has: ${message.text()}`);
    }
  });
  page.on('pageerror', error => mistakes.push(`an error that nobody caught: ${error.message}`));
  return { context, page, mistakes, requests };
}

/** Fails with what axe-core finds that is serious or worse. */
export async function assertAccessible(page, name) {
  await page.evaluate(`${axeSource}; 0`); // by the debugger: the policy of the page forbids scripts from elsewhere
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const found = violations.filter(v => v.impact === 'serious' || v.impact === 'critical');
  const report = found.flatMap(v => v.nodes.map(n => `${v.impact} ${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 200)}`));
  assert.deepEqual(report, [], `axe-core on ${name}`);
}

/**
 * The bodies of what a page fetched, in bytes as they came over the wire. The gateway tells the
 * length of files; the browser tells that of answers, and not that of the scripts of workers. What
 * is fetched by GET comes once: a second worker of a kind has its script from the cache.
 */
export async function transferred(requests) {
  let bytes = 0;
  const seen = new Set();
  for (const request of requests) {
    if (request.method() === 'GET' && seen.has(request.url())) {
      continue;
    }
    seen.add(request.url());
    const announced = Number((await request.response()).headers()['content-length']);
    const length = announced || (await request.sizes()).responseBodySize;
    assert.ok(length > 0, `${request.url()} has no length`);
    bytes += length;
  }
  return bytes;
}
