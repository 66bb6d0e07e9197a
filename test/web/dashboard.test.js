import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertAccessible, openPage, startBrowser, transferred } from './browser.js';
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

const rows = page => page.locator('.table tbody tr');
const chip = (page, name) => page.getByRole('group', { name: 'Filter by state' }).getByRole('button', { name });

async function choose(page, name) {
  await chip(page, name).click();
  await page.locator('.chips button[aria-pressed=true]').filter({ hasText: name }).waitFor();
}

describe('the dashboard', () => {
  test('lists the jobs of the largest project over clusters and tiers', async () => {
    const { page } = await open();
    assert.equal(await page.getByLabel('Project').locator('option:checked').innerText(), 'Storefront');
    await page.getByText('demo: made-up jobs').waitFor();
    assert.equal(await rows(page).count(), 50);
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

  test('polls every ten seconds where no stream can be had, unless it is paused', async () => {
    const { page, requests } = (opened = await openPage(browser, gateway));
    await page.routeWebSocket('**/graphql', () => {}); // it opens, and says nothing
    await page.clock.install();
    await page.goto(`${gateway.url}/dashboard`);
    await page.getByLabel('Project').locator('option:checked').waitFor({ state: 'attached' });
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
