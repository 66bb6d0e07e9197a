// Debian's Chromium, which reaches only the gateway, and checks of what a page must not do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts a browser that resolves no name and reaches only this machine's loopback. */
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

/** The screen of pages that choose none: wide and light, or as `make e2e-web-screens` says. */
const viewport = { width: Number(process.env.PAGE_WIDTH ?? 1280), height: 800 };
const colorScheme = process.env.PAGE_COLORS ?? 'light';

/** Whether rows are cards, and the table has no header. */
export const isNarrow = viewport.width <= 760;

/**
 * Opens a page in a context of its own, which may also go to the origins of `elsewhere`. `mistakes` collects requests to other origins than the gateway,
 * violations of the Content-Security-Policy, errors and warnings of the console, and uncaught errors.
 */
export async function openPage(browser, gateway, { elsewhere = [], ...options } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, ...options });
  const mistakes = [];
  const requests = [];
  context.on('request', request => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:' && ![gateway.url, ...elsewhere].includes(url.origin)) {
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
  page.on('pageerror', error => mistakes.push(`an uncaught error: ${error.message}`));
  return { context, page, mistakes, requests };
}

/**
 * Waits until the page fetches nothing, at most five seconds: Chromium does not always report the end of a request of a
 * worker, and then the page never counts as idle.
 */
export const quiet = page => page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => {});

/** Measures how far what is shown moves while the page loads; to be called before it does. */
export const measureShift = page =>
  page.addInitScript(() => {
    globalThis.shift = 0;
    new PerformanceObserver(list => list.getEntries().forEach(e => (globalThis.shift += e.value))).observe({ type: 'layout-shift', buffered: true });
  });

/** Fails if the layout has shifted by 0.02 or more. */
export async function assertStill(page, name) {
  const shift = await page.evaluate(() => globalThis.shift);
  console.log(`${name}: layout shift ${shift.toFixed(4)}`);
  assert.ok(shift < 0.02, `the layout shift of ${name} is ${shift}`);
}

/** Fails if axe-core finds anything. */
export async function assertAccessible(page, name) {
  await page.evaluate(`${axeSource}; 0`); // by the debugger, because the page's policy forbids scripts of other origins
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const report = violations.flatMap(v => v.nodes.map(n => `${v.impact} ${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 200)}`));
  assert.deepEqual(report, [], `axe-core on ${name}`);
}

/**
 * Returns the bytes of the response bodies that a page fetched, as they were transferred. The length of a file is in
 * Content-Length; the length of other responses comes from the browser, which does not know that of workers' scripts.
 * A GET of one URL counts once: a second worker of a kind has its script from the cache.
 */
export async function transferred(requests) {
  let bytes = 0;
  const seen = new Set();
  for (const request of requests) {
    if (request.method() === 'GET' && seen.has(request.url())) {
      continue;
    }
    seen.add(request.url());
    const contentLength = Number((await request.response()).headers()['content-length']);
    const length = contentLength || (await request.sizes()).responseBodySize;
    assert.ok(length > 0, `${request.url()} has no length`);
    bytes += length;
  }
  return bytes;
}
