import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertAccessible, assertStill, isNarrow, measureShift, openPage, quiet, startBrowser, transferred } from './browser.js';
import { startGateway } from './gateway.js';

const warehouse = '6638da7d1f3a9b27c6000004';
const archive = '63c680fd1f3a9b27c6000003';

let browser, gateway, opened;
before(async () => {
  [browser, gateway] = await Promise.all([startBrowser(), startGateway()]);
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

async function open(fragment = '', { awaits = '.table', at = gateway, ...options } = {}) {
  opened = await openPage(browser, at, options);
  await opened.page.goto(`${at.url}/dashboard${fragment}`);
  await opened.page.locator(awaits).first().waitFor();
  return opened;
}
afterEach(async () => {
  await opened?.context.close();
  assert.deepEqual(opened?.mistakes ?? [], []);
  opened = undefined;
});

/** Answers the page with these jobs of one project, and with no stream. */
async function fake(page, jobs) {
  await page.routeWebSocket('**/graphql', () => {});
  const answers = {
    Projects: { projects: { nodes: [{ id: warehouse, name: 'Warehouse', orgId: null, clusterCount: 1 }], pageInfo: { hasNextPage: false } } },
    Organizations: { organizations: { nodes: [] } },
    Jobs: { restoreJobs: { nodes: jobs, unread: [], pageInfo: { hasNextPage: false, endCursor: null } } },
  };
  await page.route('**/graphql', route => route.fulfill({ json: { data: answers[route.request().postDataJSON().operationName] } }));
}

const rows = page => page.locator('.table tbody tr');
const chip = (page, name) => page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name });

/** Shows the rows that are not shown at first, where there are any. */
async function showAll(page) {
  const button = page.getByRole('button', { name: /^Show all/ });
  if (await button.count()) {
    await button.click();
  }
}

/** Sorts by a column: by its header or, on a narrow screen, by the choice that stands for it. */
async function sortBy(page, column, order) {
  if (isNarrow) {
    await page.getByLabel('Sort', { exact: true }).selectOption(order);
  } else {
    await page.getByRole('columnheader', { name: column }).getByRole('button').click();
  }
}

async function choose(page, name) {
  await chip(page, name).click();
  await page.locator('.chips button[aria-pressed=true]').filter({ hasText: name }).waitFor();
}

describe('the dashboard', () => {
  test('lists the jobs of the largest project over clusters and tiers', async () => {
    const { page } = await open();
    assert.equal(await page.getByLabel('Project', { exact: true }).locator('option:checked').innerText(), 'Storefront');
    await page.getByText('demo: made-up jobs').waitFor();
    assert.equal(await rows(page).count(), isNarrow ? 12 : 50);
    await page.getByRole('button', { name: /^Show all \d+$/ }).click();
    const text = await page.locator('.table tbody').innerText();
    for (const part of ['orders serverless', 'catalog flex', 'billing dedicated', 'Running', 'Failed', 'orders-staging', 'download']) {
      assert.match(text, new RegExp(part));
    }
    assert.ok((await rows(page).count()) > 150);
  });

  test('filters the table and the chart by state', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Pause' }).click(); // the demo's jobs change meanwhile
    const bars = () => page.locator('.chart .bar').count();
    const all = await bars();
    await choose(page, /^Failed/);
    await showAll(page);
    const count = Number(await chip(page, /^Failed/).locator('b').innerText());
    assert.equal(await rows(page).count(), count);
    assert.equal(await rows(page).filter({ hasText: 'Failed' }).count(), count);
    assert.ok((await bars()) > 0 && (await bars()) < all);
    assert.equal(await page.locator('.chart .bar.state-FAILED').count(), await bars());
    await choose(page, /^All/);
    assert.equal(await bars(), all);
    await choose(page, /^Failed/);
    await choose(page, /^Running/);
    assert.match(page.url(), /states=FAILED%2CRUNNING/);
    await page.reload();
    await page.locator('.table').waitFor();
    assert.equal(await chip(page, /^Running/).getAttribute('aria-pressed'), 'true');
    assert.equal(await rows(page).filter({ hasText: /Succeeded|Expired/ }).count(), 0);
  });

  test('has the same counts in the chart as in the list, for screen readers too', async () => {
    const { page } = await open('#period=7d');
    const cells = await page.locator('.chart table td').allInnerTexts();
    assert.equal(cells.reduce((sum, cell) => sum + Number(cell), 0), Number(await chip(page, /^All/).locator('b').innerText()));
    await page.locator('.chart svg g:has(.bar)').last().hover();
    await page.locator('.tip').getByText('Running').waitFor();
  });

  test('shows which cluster could not be read', async () => {
    const { page } = await open(`#project=${warehouse}`);
    const notice = page.getByTestId('partial');
    await notice.getByText('These are not all jobs.').waitFor();
    assert.match(await notice.innerText(), /the cluster ledger could not be read.*500 UNEXPECTED_ERROR/);
    assert.match(await page.locator('.table tbody').innerText(), /stock[^]*shipping|shipping[^]*stock/);
    await assertAccessible(page, 'a partial failure');
  });

  test('opens a job by keyboard, and closes it by Escape', async () => {
    const { page } = await open();
    const first = rows(page).first().getByRole('link');
    const id = await first.innerText();
    await first.focus();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('dialog', { name: 'Restore job' });
    await detail.getByText('Snapshot', { exact: true }).waitFor();
    assert.match(await detail.innerText(), new RegExp(`${id}[^]*Cluster[^]*GiB`));
    assert.match(page.url(), new RegExp(`job=.*${id}`));
    await assertAccessible(page, 'the detail of a job');
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    assert.doesNotMatch(page.url(), /job=/);
  });

  test('shows the progress of a collection restore, and what is known of its cluster', async () => {
    const { page } = await open('#states=RUNNING');
    const row = rows(page).filter({ hasText: 'reporting collection' }).first();
    assert.match(await row.innerText(), /40 %/);
    await row.getByRole('link').click();
    const detail = page.getByRole('dialog', { name: 'Restore job' });
    await detail.getByText('Events of reporting at that time').waitFor();
    const text = await detail.innerText();
    for (const part of ['67200 of 168000', 'shop.orders', 'in progress', 'Next snapshot', 'Any moment', 'Atlas does not say which job']) {
      assert.match(text, new RegExp(part));
    }
    assert.match(text, /by (dana@storefront\.example|Atlas|kqzvwxyb|mdb_sa_id)/);
    await assertAccessible(page, 'the detail of a collection restore');
    await page.keyboard.press('Escape');
    await choose(page, /^Partly succeeded/);
    await rows(page).filter({ hasText: 'Partly succeeded' }).first().getByRole('link').click();
    await page.getByRole('dialog').getByText('1 of 2 collections could not be restored.').waitFor();
  });

  test('shows an error by its code', async () => {
    const { page } = await open('#project=000000000000000000000000', { awaits: '.failure' });
    assert.equal(await page.locator('.failure').getAttribute('data-code'), 'NOT_FOUND');
    await page.getByRole('heading', { name: 'Atlas has no such thing' }).waitFor();
    await assertAccessible(page, 'an error');
    await page.goto(`${gateway.url}/dashboard#project=nonsense`);
    await page.locator('.failure[data-code=BAD_USER_INPUT]').waitFor();
    await page.goto(`${gateway.url}/dashboard#job=orders/000000000000000000000000`);
    await page.getByRole('dialog').locator('.failure[data-code=NOT_FOUND]').waitFor();
  });

  test('says that a project has no jobs', async () => {
    const { page } = await open(`#project=${archive}`, { awaits: '[data-testid=empty]' });
    await page.getByText('Nothing was restored in the last 30 days.').waitFor();
    assert.equal(await page.locator('.chart').count(), 0);
    await assertAccessible(page, 'an empty project');
  });

  test('asks for the projects again when they could not be read', async () => {
    const { page, requests, mistakes } = (opened = await openPage(browser, gateway));
    await page.clock.install();
    let isAway = true;
    await page.route('**/graphql', route => (isAway ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }) : route.continue()));
    await page.goto(`${gateway.url}/dashboard`);
    await page.locator('.failure').getByText('The gateway cannot be reached').waitFor();
    assert.equal(requests.filter(r => r.method() === 'POST').length, 1);
    isAway = false;
    await page.clock.runFor(10_000);
    await page.locator('.table').waitFor();
    mistakes.splice(0, Infinity, ...mistakes.filter(m => !/status of 502/.test(m)));
  });

  test('says that it loads, while it loads', async () => {
    const { context, page } = (opened = await openPage(browser, gateway));
    let release;
    const released = new Promise(resolve => (release = resolve));
    await context.route('**/graphql', async route => {
      await released;
      await route.continue();
    });
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByRole('status').getByText('Loading the jobs…').waitFor({ state: 'attached' });
    await assertAccessible(page, 'loading');
    release();
    await page.locator('.table').waitFor();
  });

  const polls = requests => requests.filter(r => r.method() === 'POST' && r.postDataJSON().operationName === 'Jobs').length;

  test('is live, and polls nothing while the stream stands', async () => {
    const { page, requests } = (opened = await openPage(browser, gateway));
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByTestId('freshness').getByText(/^Live, last change/).waitFor();
    await page.clock.runFor(60_000);
    assert.equal(polls(requests), 0);
  });

  test('ends its stream when it has been hidden for a minute, and subscribes again when it is shown', async () => {
    const { page } = (opened = await openPage(browser, gateway));
    const sent = [];
    page.on('websocket', socket => socket.on('framesent', ({ payload }) => sent.push(JSON.parse(payload).type)));
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByTestId('freshness').getByText(/^Live/).waitFor();
    const hide = hidden =>
      page.evaluate(hidden => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    await hide(true);
    await page.clock.runFor(30_000);
    assert.equal(sent.includes('complete'), false, 'the stream ends when the page is hidden for a moment');
    await page.clock.runFor(31_000);
    await page.getByTestId('freshness').getByText(/^As of/).waitFor();
    assert.ok(sent.includes('complete'));
    await hide(false);
    await page.getByTestId('freshness').getByText(/^Live/).waitFor();
  });

  test('polls every ten seconds where no stream can be had, unless it is paused', async () => {
    const { page, requests } = (opened = await openPage(browser, gateway));
    await page.routeWebSocket('**/graphql', () => {}); // it opens, and says nothing
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByLabel('Project', { exact: true }).locator('option:checked').waitFor({ state: 'attached' });
    await page.clock.runFor(4000);
    await page.locator('.table').waitFor();
    await page.getByTestId('freshness').getByText(/^As of/).waitFor();
    const before = polls(requests);
    assert.ok(before > 0);
    const nextResponse = page.waitForResponse(r => r.url().endsWith('/graphql'));
    await page.clock.runFor(10_000);
    await nextResponse;
    assert.equal(polls(requests), before + 1);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.clock.runFor(60_000);
    assert.equal(polls(requests), before + 1);
  });

  test('keeps its rows while the gateway is down, and recovers when it is up', async () => {
    let own = await startGateway();
    try {
      const { page, mistakes } = (opened = await openPage(browser, own));
      await page.clock.install();
      await page.goto(`${own.url}/dashboard`);
      await page.locator('.table').waitFor();
      const count = await rows(page).count();
      await own.stop();
      await page.getByTestId('freshness').getByText(/^Offline since/).waitFor();
      await page.clock.runFor(10_000);
      await page.locator('.notice-stale[data-code=GATEWAY_UNREACHABLE]').getByText('The gateway cannot be reached.').waitFor();
      assert.equal(await rows(page).count(), count);
      await assertAccessible(page, 'a gateway that is down');

      own = await startGateway({ listen: own.listen });
      await page.clock.runFor(10_000);
      await page.getByTestId('freshness').getByText(/^Live/).waitFor();
      await page.locator('.notice-stale').waitFor({ state: 'detached' });
      assert.ok((await rows(page).count()) > 0);
      // Chromium logs refused connections to the console.
      mistakes.splice(0, Infinity, ...mistakes.filter(m => !/net::ERR_(CONNECTION|EMPTY|SOCKET)|WebSocket connection/.test(m)));
    } finally {
      await own.stop();
    }
  });

  test('polls where its stream is refused, says nothing of that, and tries again', async () => {
    const { page, requests } = (opened = await openPage(browser, gateway));
    let refused = 0;
    await page.routeWebSocket('**/graphql', socket =>
      socket.onMessage(text => {
        const { id, type } = JSON.parse(text);
        if (type === 'connection_init') {
          socket.send('{"type":"connection_ack"}');
        } else if (type === 'subscribe') {
          refused++;
          socket.send(JSON.stringify({ id, type: 'error', payload: [{ message: 'too many', extensions: { code: 'STREAM_LIMIT_EXCEEDED' } }] }));
        }
      }),
    );
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByLabel('Project', { exact: true }).locator('option:checked').waitFor({ state: 'attached' });
    await page.clock.runFor(1500);
    await page.locator('.table').waitFor();
    await page.getByTestId('freshness').getByText(/^As of/).waitFor();
    assert.equal(await page.locator('.notice').count(), 0);
    const [before, tries] = [polls(requests), refused];
    for (let i = 0; i < 3; i++) {
      const nextResponse = page.waitForResponse(r => r.url().endsWith('/graphql'));
      await page.clock.runFor(10_000);
      await nextResponse;
    }
    assert.equal(polls(requests), before + 3);
    assert.ok(refused > tries && refused <= tries + 3, `${refused - tries} attempts`);
  });

  test('polls every 75 seconds while nothing runs, and not at all while it is hidden', async () => {
    const { page, requests } = (opened = await openPage(browser, gateway));
    await page.routeWebSocket('**/graphql', () => {});
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard#project=${warehouse}`);
    await page.getByLabel('Project', { exact: true }).locator('option:checked').waitFor({ state: 'attached' });
    await page.clock.runFor(4000);
    await page.locator('.table').waitFor();
    const before = polls(requests);
    for (let i = 0; i < 4; i++) {
      const nextResponse = page.waitForResponse(r => r.url().endsWith('/graphql'));
      await page.clock.runFor(75_000);
      await nextResponse;
      await quiet(page);
    }
    assert.ok(polls(requests) - before <= 4, `${polls(requests) - before} polls in 5 minutes`);
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    const hidden = polls(requests);
    await page.clock.runFor(600_000);
    assert.equal(polls(requests), hidden);
    const shown = page.waitForRequest(r => r.url().endsWith('/graphql'));
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: false });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.clock.runFor(4000);
    await shown;
  });

  test('finds jobs by text, tier, delivery, cluster and tag, and has all of it in the address', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Pause' }).click();
    const texts = () => rows(page).allInnerTexts();
    await page.getByLabel('Search').fill('ORDERS-STAG');
    await page.locator('.find').getByRole('button', { name: 'Clear' }).waitFor();
    assert.ok((await texts()).length > 3 && (await texts()).every(text => text.includes('orders-staging')));
    await page.getByLabel('Search').fill('');
    for (const [name, option, pattern] of [['Tier', 'Flex', /flex/], ['Delivery', 'Download', /download/], ['Cluster', 'catalog', /catalog/]]) {
      await page.getByLabel(name, { exact: true }).selectOption(option);
      await page.waitForURL(new RegExp(`${name.toLowerCase()}=`));
      await page.waitForFunction(name => document.querySelector(`select[aria-label=${name}]`).dataset.chosen === 'true', name);
      assert.ok((await texts()).every(text => pattern.test(text)), name);
    }
    assert.match(page.url(), /#tier=FLEX&delivery=DOWNLOAD&cluster=catalog$/);
    const filtered = await texts();
    await page.reload();
    await page.locator('.table').waitFor();
    assert.deepEqual((await texts()).length, filtered.length);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Tag', { exact: true }).focus();
    await page.getByLabel('Tag', { exact: true }).selectOption('environment: production');
    await page.locator('.find').getByRole('button', { name: 'Clear' }).waitFor();
    assert.ok((await texts()).every(text => /orders serverless/.test(text)));
    await page.getByLabel('Search').fill('no such job');
    await page.getByText(/^None of the \d+ jobs that are loaded matches\.$/).waitFor();
  });

  test('finds the job of a snapshot', async () => {
    const { page } = await open('#states=SUCCEEDED');
    await page.locator('a.job').first().click();
    const id = await page.getByRole('dialog').locator('dd code').first().innerText();
    await page.keyboard.press('Escape');
    await page.getByLabel('Search').fill(id);
    await page.waitForFunction(() => document.querySelectorAll('.table tbody tr').length < 10);
    assert.ok((await rows(page).count()) >= 1);
  });

  test('sorts by its columns, and says so to screen readers', async () => {
    const { page } = await open('#states=SUCCEEDED');
    await page.getByRole('button', { name: 'Pause' }).click();
    await sortBy(page, 'Time', 'Longest first');
    await page.locator('th[aria-sort=descending]').getByText('Time').waitFor({ state: 'attached' });
    assert.match(page.url(), /sort=-took/);
    const seconds = async () =>
      (await page.locator('.table tbody tr td:last-child').allInnerTexts()).map(text =>
        [...text.matchAll(/(\d+) (h|min|s)/g)].reduce((sum, [, n, unit]) => sum + n * { h: 3600, min: 60, s: 1 }[unit], 0));
    assert.deepEqual(await seconds(), (await seconds()).toSorted((a, b) => b - a));
    await sortBy(page, 'Time', 'Shortest first');
    await page.locator('th[aria-sort=ascending]').getByText('Time').waitFor({ state: 'attached' });
    assert.deepEqual(await seconds(), (await seconds()).toSorted((a, b) => a - b));
    await sortBy(page, 'Source', 'By source');
    const sources = await page.locator('.table tbody tr td:nth-child(3)').allInnerTexts();
    assert.deepEqual(sources.map(text => text.split(/\s/).at(-2)), sources.map(text => text.split(/\s/).at(-2)).toSorted());
  });

  test('shows several projects at once, and those of an organization', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Several…' }).click();
    await page.getByLabel('Warehouse').check();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('partial').getByText('Warehouse:').waitFor();
    assert.match(page.url(), new RegExp(`project=63f3484e1f3a9b27c6000001%2C${warehouse}`));
    await page.getByLabel('Search').fill('shipping');
    await rows(page).filter({ hasText: 'Warehouse' }).first().waitFor();
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Organization-21a7f0' });
    await page.waitForURL(/org=/);
    await page.getByLabel('Search').fill('tickets');
    await rows(page).filter({ hasText: 'Support desk' }).first().waitFor();
    await page.locator('a.job').first().click();
    await page.getByRole('dialog').getByText('659d52df1f3a9b27c6000002').first().waitFor();
    await assertAccessible(page, 'the jobs of an organization');
  });

  test('says how long a download is left, and gives its curl line on demand', async () => {
    const { page, requests } = await open('#states=READY');
    await rows(page).filter({ hasText: 'reporting' }).getByText(/^\d+ (h \d+ )?min( \d+ s)? left$/).first().waitFor();
    await rows(page).filter({ hasText: 'reporting' }).last().getByRole('link').click();
    const detail = page.getByRole('dialog');
    await detail.getByText(/left, until/).waitFor();
    await detail.getByText('That you read it is written to the audit log.').waitFor();
    const asked = () => requests.filter(r => r.method() === 'POST' && /deliveryUrl|downloadUrl/.test(r.postData())).length;
    assert.equal(asked(), 0, 'URLs were read before anybody asked for them');
    await detail.getByRole('button', { name: 'Show the download URLs' }).click();
    const lines = await detail.getByText(/^curl --fail/).allInnerTexts();
    assert.ok(lines.length >= 4, 'a line for each shard, and each private endpoint');
    assert.equal(new Set(lines.map(line => /--output '([^']+)'/.exec(line)[1])).size, lines.length, 'two downloads have one file');
    await detail.getByText(/^shard .*-shard-0, private endpoint vpce-/).waitFor();
    await assertAccessible(page, 'the URLs of a download');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await detail.getByText(/^curl --fail/).first().isVisible(), false, 'a URL is printed');
    await page.emulateMedia({ media: null });
    await page.keyboard.press('Escape');
    await rows(page).first().getByRole('link').click();
    assert.equal(await page.getByText(/^curl --fail/).count(), 0);
  });

  test('copies ids and curl lines', async () => {
    const { page, context } = await open('#states=READY');
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    const id = await page.locator('a.job').first().innerText();
    await page.getByRole('button', { name: `Copy the id ${id}` }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    assert.equal(await copied(), id);
    await page.locator('a.job').first().click();
    await page.getByRole('button', { name: 'Show the download URLs' }).click();
    await page.getByRole('button', { name: 'Copy the curl line' }).first().click();
    await page.getByText('Copied', { exact: true }).first().waitFor();
    assert.match(await copied(), /^curl --fail .* 'https:\/\//);
  });

  test('says that Atlas gives no reason, what failed, and what worked before', async () => {
    const { page } = await open('#states=FAILED&tier=DEDICATED');
    await page.locator('a.job').first().click();
    const failed = page.getByTestId('failed');
    await failed.getByText('Atlas gives no reason for the failure of this job.').waitFor();
    assert.match(await failed.innerText(), /It should have restored \S+ (from the snapshot of|as of) .* to \S+\./);
    const worked = failed.getByRole('link');
    const id = await worked.innerText();
    await worked.click();
    await page.getByRole('dialog').getByText('Succeeded').waitFor();
    await page.getByRole('dialog').getByText(id).first().waitFor();
  });

  test('compares a running job with those that ended, and marks an overdue one', async () => {
    const start = Date.parse('2026-11-02T12:00:00Z');
    const { page, context } = (opened = await openPage(browser, gateway));
    const minutes = [10, 12, 14, 16];
    const jobAt = (ago, change) => ({
      __typename: 'DedicatedRestoreJob', id: (Math.floor(start / 1000) - ago * 60).toString(16).padEnd(24, '0'), groupId: warehouse, clusterName: 'stock',
      servedBy: 'DEDICATED', createdAt: new Date(start - ago * 60_000).toISOString(), finishedAt: null, expiresAt: null, deliveryType: 'AUTOMATED',
      snapshotId: null, targetClusterName: 'stock', targetGroupId: warehouse, ...change,
    });
    const ended = minutes.map((took, i) => jobAt(1000 + 100 * i, { state: 'SUCCEEDED', finishedAt: new Date(start - (1000 + 100 * i - took) * 60_000).toISOString() }));
    await fake(page, [jobAt(5, { state: 'RUNNING' }), jobAt(30, { state: 'RUNNING' }), ...ended]);
    await page.clock.install({ time: start });
    await page.goto(`${gateway.url}/dashboard#project=${warehouse}`);
    await page.clock.runFor(4000);
    await page.locator('.table').waitFor();
    const [five, thirty] = await rows(page).allInnerTexts();
    assert.match(five, /5 min \d+ s so far usually 13 min 0 s \(of 4\)/);
    assert.doesNotMatch(five, /overdue/);
    assert.match(thirty, /overdue/);
    await assertAccessible(page, 'an overdue job');
    await context.close();
  });

  test('has one bar for a day on which clocks change', async () => {
    // In Berlin 2026-10-25 has 25 hours: a job at 23:30 is not of the next day.
    const { page, context } = (opened = await openPage(browser, gateway, { timezoneId: 'Europe/Berlin', locale: 'en-GB' }));
    const jobAt = (text, i) => ({
      __typename: 'DedicatedRestoreJob', id: String(i).padStart(24, '0'), groupId: warehouse, clusterName: 'stock', servedBy: 'DEDICATED', state: 'FAILED',
      createdAt: new Date(text).toISOString(), finishedAt: null, expiresAt: null, deliveryType: 'AUTOMATED', snapshotId: null, targetClusterName: 'stock',
      targetGroupId: warehouse,
    });
    await fake(page, ['2026-10-25T00:30:00+02:00', '2026-10-25T23:30:00+01:00', '2026-10-26T00:30:00+01:00', '2026-10-31T23:59:00+01:00'].map(jobAt));
    await page.clock.install({ time: Date.parse('2026-11-02T12:00:00+01:00') });
    await page.goto(`${gateway.url}/dashboard#project=${warehouse}&from=2026-10-18&to=2026-10-31`);
    await page.clock.runFor(4000);
    await page.locator('.table').waitFor();
    const counts = async () => (await page.locator('.chart tbody tr').allInnerTexts()).map(text => text.replace(/\s+/g, ' ').trim());
    assert.deepEqual(await counts(), ['25 Oct 2026, 0:00:00 CEST 2', '26 Oct 2026, 0:00:00 CET 1', '31 Oct 2026, 0:00:00 CET 1']);
    await page.getByRole('button', { name: 'CET' }).click();
    await page.getByRole('button', { name: 'UTC' }).waitFor();
    await page.clock.runFor(4000); // days begin at other moments, so other jobs are asked for
    await page.locator('.table').waitFor();
    assert.deepEqual(await counts(), ['24 Oct 2026, 0:00:00 UTC 1', '25 Oct 2026, 0:00:00 UTC 2', '31 Oct 2026, 0:00:00 UTC 1']);
    assert.match(page.url(), /zone=utc/);
    await context.close();
  });

  test('shows exact times on hover, in both zones', async () => {
    const { page } = await open('', { timezoneId: 'America/New_York', locale: 'en-US' });
    const title = await page.locator('.table time').first().getAttribute('title');
    assert.match(title, /E[SD]T\n.*UTC$/);
    await page.getByLabel('Project', { exact: true }).waitFor();
  });

  test('is used by keyboard: / searches, arrows choose, Enter opens, Escape closes', async () => {
    const { page } = await open();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter'); // the skip link is the first
    assert.equal(await page.evaluate(() => document.activeElement.className), 'job');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('catalog');
    await page.waitForURL(/q=catalog/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowDown');
    const second = page.locator('a.job').nth(1);
    assert.equal(await second.evaluate(link => link === document.activeElement), true);
    const id = await second.innerText();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText(id).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.press('Escape');
    await page.waitForURL(url => !url.href.includes('q='));
  });

  test('saves what is shown for spreadsheets, without URLs and formulas', async () => {
    const { page, context } = (opened = await openPage(browser, gateway));
    const job = {
      __typename: 'DedicatedRestoreJob', id: 'a'.repeat(24), groupId: warehouse, clusterName: '=cmd|calc', servedBy: 'DEDICATED', state: 'READY',
      createdAt: new Date().toISOString(), finishedAt: null, expiresAt: null, deliveryType: 'DOWNLOAD', snapshotId: '-1', targetClusterName: '@a,"b"', targetGroupId: '+1',
    };
    await fake(page, [job]);
    await page.goto(`${gateway.url}/dashboard#project=${warehouse}`);
    await page.locator('.table').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
    const text = readFileSync(await download.path(), 'utf8');
    const [names, row] = text.split('\r\n');
    assert.match(names, /^id,project,cluster,state/);
    assert.ok(row.startsWith(`${job.id},${warehouse},'=cmd|calc,READY,DEDICATED,DOWNLOAD,'+1,"'@a,""b""",'-1,`), row);
    assert.doesNotMatch(text, /http/);
    await context.close();
  });

  test('prints all jobs that match, and nothing that can be pressed', async () => {
    const { page } = await open('#states=SUCCEEDED');
    const count = Number(await chip(page, /^Succeeded/).locator('b').innerText());
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    assert.ok((await rows(page).count()) >= count - 5 && count > 50, 'jobs are missing');
    await page.emulateMedia({ media: 'print' });
    for (const name of ['Print', 'CSV', 'Pause']) {
      assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name);
    }
    assert.equal(await page.getByLabel('Search').isVisible(), false);
    await page.emulateMedia({ media: null });
  });

  test('says offline in the detail of a job, in its place', async () => {
    const own = await startGateway();
    try {
      const { page, mistakes } = (opened = await openPage(browser, own));
      await page.goto(`${own.url}/dashboard#states=RUNNING`);
      await page.locator('a.job').first().click();
      const detail = page.getByRole('dialog');
      await detail.getByText('Running for').waitFor();
      await own.stop();
      await detail.getByText('Offline.').waitFor();
      assert.match(await detail.locator('.notice-stale').innerText(), /The gateway cannot be reached\. What stands here was read at/);
      await detail.getByText('Running for').waitFor();
      mistakes.splice(0, Infinity, ...mistakes.filter(m => !/net::ERR_(CONNECTION|EMPTY|SOCKET)|WebSocket connection/.test(m)));
      await opened.context.close();
    } finally {
      await own.stop();
    }
  });

  test('moves nothing while it loads, wide and narrow', async () => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
      const { page, context } = (opened = await openPage(browser, gateway, { viewport }));
      await measureShift(page);
      await page.goto(`${gateway.url}/dashboard`);
      await page.locator('.table').waitFor();
      await page.getByTestId('freshness').getByText(/^Live/).waitFor();
      await quiet(page);
      await assertStill(page, `the dashboard, ${viewport.width} wide`);
      await context.close();
    }
  });

  test('shows cards on a phone, and not ten thousand pixels of them', async () => {
    const { page } = await open('', { viewport: { width: 390, height: 844 } });
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(height < 5000, `the page is ${height} pixels high`);
    await page.getByRole('button', { name: /^Show all/ }).waitFor();
  });

  test('tells somebody on call, by what is written on the screen alone, which snapshot failed and how to download', async () => {
    const { page } = await open();
    await page.getByText('Failed', { exact: true }).first().click();
    await page.locator('tr', { hasText: 'reporting dedicated' }).getByText(/^[a-f0-9]{24}$/).first().click();
    await page.getByText('Atlas gives no reason').waitFor();
    const snapshot = page.locator('dl', { has: page.getByText('Id', { exact: true }) }).getByText(/^[a-f0-9]{24}$/);
    assert.match(await snapshot.first().innerText(), /^[a-f0-9]{24}$/);
    await page.getByText('Close', { exact: true }).click();
    await page.getByText('Failed', { exact: true }).first().click();
    await page.getByText('Ready', { exact: true }).first().click();
    await page.locator('tr', { hasText: 'left' }).getByText(/^[a-f0-9]{24}$/).first().click();
    await page.getByText('Show the download URLs').click();
    await page.getByText(/^curl --fail --location .* 'https:/).first().waitFor();
  });

  test('needs no horizontal scrolling, wide and narrow', async () => {
    for (const width of [1280, 1024, 768, 390, 320]) {
      const { page, context } = await open(`#project=${warehouse}`, { viewport: { width, height: 800 } });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `the page is wider than ${width}`);
      await context.close();
    }
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`is accessible in ${colorScheme}`, async () => {
      for (const width of [1280, 390]) {
        const { page, context, mistakes } = await open('', { colorScheme, viewport: { width, height: 844 } });
        await assertAccessible(page, 'the dashboard');
        await page.getByRole('button', { name: 'Several…' }).click();
        await assertAccessible(page, 'the choice of projects');
        await page.getByRole('button', { name: 'Done' }).click();
        await page.getByRole('button', { name: 'Days', exact: true }).click();
        await assertAccessible(page, 'the choice of days');
        for (const [state, text] of [['FAILED', 'Atlas gives no reason'], ['RUNNING', 'Running for'], ['READY', 'Show the download URLs']]) {
          await page.goto(`${gateway.url}/dashboard#states=${state}&tier=DEDICATED`);
          const job = page.locator('a.job').first();
          await job.focus();
          await page.keyboard.press('Enter');
          await page.getByText(text).first().waitFor();
          if (state === 'READY') {
            await page.getByText(text).press('Enter');
            await page.getByText(/^curl --fail/).first().waitFor();
          }
          await assertAccessible(page, `the detail of a job that is ${state}`);
          await page.keyboard.press('Escape');
        }
        assert.deepEqual(mistakes, []);
        await context.close();
      }
    });
  }

  test('transfers less than 150 kB', async () => {
    const { page, requests } = await open();
    const [paint] = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint').map(p => p.startTime));
    const bytes = await transferred(requests.filter(r => !r.url().endsWith('/graphql')));
    console.log(`the dashboard: first paint after ${Math.round(paint)} ms, ${(bytes / 1e3).toFixed(0)} kB`);
    assert.ok(bytes < 150e3, `${bytes} bytes`);
  });
});
