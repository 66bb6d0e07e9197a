import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertAccessible, assertStill, measureShift, openPage, quiet, startBrowser, transferred } from './browser.js';
import { live, startGateway } from './gateway.js';
import { answer, openPlayground, openTab, readEditor, run, setEditor, setOperation, settled, showPane } from './graphiql.js';

let browser, gateway, opened;
before(async () => {
  [browser, gateway] = await Promise.all([startBrowser(), startGateway()]);
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

const open = async (options, at = gateway) => (opened = await openPlayground(browser, at, options));
afterEach(async () => {
  await opened?.context.close();
  assert.deepEqual(opened?.mistakes ?? [], []);
  opened = undefined;
});

describe('the playground', () => {
  test('shows its guide, mode, project, examples and an answer', async () => {
    const { page } = await open();
    assert.match(await page.getByTestId('mode').innerText(), /demo.*made-up jobs/i);
    await page.getByRole('heading', { name: 'Start here' }).waitFor();
    for (const name of ['Projects', 'RestoreJob', 'MigratedCluster', 'WholeProject', 'LiveJobs', 'FollowLinks', 'MissingJob']) {
      await page.locator('.graphiql-tab').getByText(name, { exact: true }).waitFor();
    }
    assert.ok((await answer(page)).data.projects.nodes.some(project => project.name === 'Storefront'));
    await page.locator('.graphiql-response', { hasText: '63f3484e1f3a9b27c6000001' }).waitFor();
    assert.match(await page.getByLabel('Project', { exact: true }).locator('option:checked').innerText(), /Storefront \(63f3484e1f3a9b27c6000001\)/);
  });

  test('says of each run its status, time, size, calls and request id', async () => {
    const { page } = await open();
    await openTab(page, 'FollowLinks');
    await run(page);
    assert.match(await page.getByTestId('run').innerText(), /^200 after \d+ ms, [\d.]+ (bytes|kB), \d+ calls? of Atlas, request [\w-]+$/);
  });

  test('shows nothing of federation in Docs and Explorer', async () => {
    const { page } = await open();
    await showPane(page, 'Docs');
    const fields = page.locator('.graphiql-plugin');
    await fields.getByText('Query', { exact: true }).first().click();
    await fields.getByText('serverlessRestoreJob', { exact: true }).first().waitFor();
    assert.doesNotMatch(await fields.innerText(), /_entities|_service/);
    await showPane(page, 'Explorer');
    await page.locator('.graphiql-explorer-node').getByText('projects', { exact: true }).first().waitFor();
    assert.doesNotMatch(await fields.innerText(), /_entities|_service|Representation/);
    // Introspection has what the subgraph specification asks for, and nothing of gqlgen's.
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: '{ __schema { types { name } } }' }),
    });
    const names = (await response.json()).data.__schema.types.map(type => type.name);
    assert.deepEqual(names.filter(name => /^_[^_]|Entity|Representation/.test(name)).sort(), ['_Any', '_Entity', '_Service']);
  });

  test('copies the operation as a line for curl, which runs and has no secret', async () => {
    const { page, context } = await open();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openTab(page, 'RestoreJob');
    await setEditor(page, 'request-headers.json', '{ "Authorization": "hunter2", "X-Secret": "hunter2" }');
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('A line for curl was copied. It takes the token from the variable TOKEN').waitFor();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    assert.doesNotMatch(line, /hunter2|X-Secret/);
    assert.match(line, /-H "Authorization: Bearer \$TOKEN"/);
    const { stdout } = spawnSync('bash', ['-c', line.replace(/-H "Auth[^"]*"/, '-s')], { encoding: 'utf8' });
    assert.equal(JSON.parse(stdout).data.serverlessRestoreJob.state, 'SUCCEEDED');
  });

  test('is where a browser that opens /graphql arrives', async () => {
    const { page } = (opened = await openPage(browser, gateway));
    await page.goto(`${gateway.url}/graphql`);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.equal(page.url(), `${gateway.url}/`);
  });

  test('runs each example', async () => {
    const { page } = await open();
    const answers = {
      RestoreJob: shown => assert.equal(shown.data.serverlessRestoreJob.state, 'SUCCEEDED'),
      MigratedCluster: shown => assert.equal(shown.data.serverlessRestoreJob.servedBy, 'DEDICATED'),
      WholeProject: shown => assert.equal(shown.data.restoreJobs.nodes.length, 10),
      FollowLinks: shown => assert.equal(shown.data.project.name, 'Storefront'),
      MissingJob: shown => {
        assert.equal(shown.data.serverlessRestoreJob, null);
        assert.equal(shown.errors[0].extensions.code, 'NOT_FOUND');
        assert.equal(shown.errors[0].extensions.errorCode, 'RESTORE_JOB_NOT_FOUND');
      },
    };
    for (const [name, check] of Object.entries(answers)) {
      await openTab(page, name);
      check(await run(page));
    }
    await page.locator('.graphiql-response', { hasText: 'RESTORE_JOB_NOT_FOUND' }).waitFor(); // the editor draws it a moment later
  });

  test('subscribes, shows each event, and stops', async () => {
    const { page } = await open();
    await openTab(page, 'LiveJobs');
    await page.getByRole('button', { name: /^Execute/ }).click();
    await page.locator('.graphiql-response', { hasText: 'finishedAt' }).waitFor();
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.getByRole('button', { name: /^Execute/ }).waitFor();
  });

  test('runs an operation by keyboard, and shows the error of a malformed id', async () => {
    const { page } = await open();
    await openTab(page, 'RestoreJob');
    await setEditor(page, 'variables.json', '{ "groupId": "63f3484e1f3a9b27c6000001", "clusterName": "orders", "restoreJobId": "abc" }');
    await page.locator('.graphiql-query-editor .monaco-editor').first().click();
    const shown = await run(page, () => page.keyboard.press('Control+Enter'));
    assert.equal(shown.errors[0].extensions.code, 'BAD_USER_INPUT');
  });

  test('finds a field in the docs', async () => {
    const { page } = await open();
    await showPane(page, 'Docs');
    await page.keyboard.press('Control+Alt+k');
    await page.keyboard.type('pointInTimeUTC');
    await page.getByRole('option', { name: /ServerlessRestoreJob.*pointInTimeUTCSeconds/ }).click();
    await page.locator('.graphiql-plugin').getByText('The moment to restore to, in seconds since the Unix epoch.').first().waitFor();
  });

  test('adds fields by the explorer, and keeps a history', async () => {
    const { page } = await open();
    await openTab(page, 'RestoreJob');
    await showPane(page, 'Explorer');
    await page.locator('.graphiql-explorer-node').getByText('pointInTimeUTCSeconds', { exact: true }).click();
    await settled(page);
    assert.match(await readEditor(page, 'operation.graphql'), /pointInTimeUTCSeconds/);
    const shown = await run(page);
    assert.ok('pointInTimeUTCSeconds' in shown.data.serverlessRestoreJob);
    await showPane(page, 'History');
    assert.equal(await page.locator('.graphiql-history-item').count(), 2);
  });

  test('queries the selected project', async () => {
    const { page } = await open();
    await openTab(page, 'WholeProject');
    await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Warehouse (6638da7d1f3a9b27c6000004)' });
    const shown = await run(page);
    assert.deepEqual(shown.data.restoreJobs.unread, [{ clusterName: 'ledger', errorCode: 'UNEXPECTED_ERROR', status: 500 }]);
    assert.match(await readEditor(page, 'variables.json'), /6638da7d1f3a9b27c6000004/);
    // It goes into the other tabs, too, but for those without a project.
    await openTab(page, 'FollowLinks');
    assert.equal((await run(page)).data.project.name, 'Warehouse');
    await openTab(page, 'Projects');
    assert.equal(await readEditor(page, 'variables.json'), '{}');
    // It can be chosen there, too.
    await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Support desk (659d52df1f3a9b27c6000002)' });
    await openTab(page, 'FollowLinks');
    assert.equal((await run(page)).data.project.name, 'Support desk');
  });

  test('never stores a header', async () => {
    const { page, context } = await open({ clock: true });
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await setEditor(page, 'request-headers.json', '{ "Authorization": "Bearer hunter2-hunter2" }');
    await page.clock.fastForward(2000); // GraphiQL reads the editor half a second later
    const sent = page.waitForRequest(r => r.headers().authorization === 'Bearer hunter2-hunter2');
    await setOperation(page, '{ projects { nodes { name } } }');
    await run(page); // adds the operation to the history
    await sent;
    await showPane(page, 'History');
    await page.getByRole('button', { name: 'Add favorite' }).first().click(); // favourites have an entry of their own in the storage
    await page.getByRole('button', { name: 'New tab' }).click();
    await page.clock.fastForward(2000);
    const stored = await page.evaluate(async () => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases()]));
    for (const part of ['tabState', 'queries', 'favorites']) {
      assert.match(stored, new RegExp(`graphiql:${part}`));
    }
    assert.match(stored, /projects/);
    assert.doesNotMatch(stored, /hunter2/);
    assert.deepEqual(await context.cookies(), []);

    await page.reload();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.doesNotMatch(await page.evaluate(() => __MONACO.editor.getModels().map(m => m.getValue()).join()), /hunter2/);
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    assert.equal(await page.getByText(/persist headers/i).count(), 0);
  });

  test('shares an operation without headers, and without variables that could be secret', async () => {
    const { page, context, requests } = await open();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const before = page.url();
    await setOperation(page, 'query Shared($groupId: ObjectID!, $states: [RestoreJobState!], $after: String) { restoreJobs(groupId: $groupId, states: $states, after: $after) { nodes { id } } }');
    await setEditor(page, 'variables.json', '{ "groupId": "63f3484e1f3a9b27c6000001", "states": ["FAILED"], "after": "hunter2", "other": "hunter2" }');
    await setEditor(page, 'request-headers.json', '{ "Authorization": "hunter2" }');
    await page.getByRole('button', { name: 'Link to this operation' }).click();
    await page.getByText('It carries $groupId, $states, not $after, $other, and no headers.').waitFor();
    assert.equal(page.url(), before, 'the address is that of the link now');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.doesNotMatch(decodeURIComponent(link), /hunter2|Authorization/);
    assert.match(link, /#query=/);

    const other = await context.newPage();
    await other.goto(link);
    await other.locator('.graphiql-tab-active').getByText('Shared').waitFor();
    await other.waitForFunction(() => __MONACO?.editor.getModels().some(m => /operation.graphql$/.test(m.uri.path) && m.getValue().includes('query Shared')));
    assert.deepEqual(JSON.parse(await readEditor(other, 'variables.json')), { groupId: '63f3484e1f3a9b27c6000001', states: ['FAILED'] });
    // Browsers do not send the fragment.
    assert.ok(requests.every(r => r.method() === 'POST' || !r.url().includes('Shared') || r.isNavigationRequest()));
  });

  test('opens a link at the shared operation, and does not run it', async () => {
    const link = new URLSearchParams({ query: 'query A { projects { nodes { id } } } query B { projects { nodes { name } } }', operationName: 'B' });
    const { page, requests } = (opened = await openPage(browser, gateway));
    await page.goto(`${gateway.url}/#${link}`);
    await page.locator('.graphiql-tab-active').getByText('B', { exact: true }).waitFor();
    await quiet(page);
    const operations = requests.filter(r => r.method() === 'POST').map(r => r.postDataJSON().operationName);
    assert.equal(operations.includes('B'), false, 'the operation of the link was run, and anyone could have made the link');
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await page.getByRole('menuitem', { name: 'B' }).click();
    assert.deepEqual((await answer(page)).data.projects.nodes[0], { name: 'Archive' });
  });

  test('says that introspection is off', async () => {
    const other = await startGateway({ args: ['--demo', '--introspection=off'] });
    try {
      const { page } = await open({}, other);
      const notice = page.getByTestId('schema-notice');
      await notice.getByText('This gateway was started with --introspection=off').waitFor();
      assert.match(await notice.innerText(), /Operations run all the same/);
      assert.ok((await answer(page)).data.projects);
      await assertAccessible(page, 'a playground without a schema');
    } finally {
      await opened?.context.close(); // before the gateway that the page still fetches from
      await other.stop();
    }
  });

  test('outside of demo mode shows that, and runs no operation by itself', async () => {
    const other = await startGateway(live('--playground=on'));
    try {
      const { page, requests } = await open({}, other);
      assert.match(await page.getByTestId('mode').innerText(), /live.*your Atlas/i);
      assert.match(await readEditor(page, 'operation.graphql'), /query Projects/);
      // Introspection is off there, and Docs work from the published schema.
      await showPane(page, 'Docs');
      await page.locator('.graphiql-plugin').getByText('Query', { exact: true }).first().waitFor();
      assert.equal(await page.getByTestId('schema-notice').count(), 0);
      assert.deepEqual(requests.filter(r => r.method() === 'POST').map(r => r.postData()), []);
      await openTab(page, 'RestoreJob');
      assert.match(await readEditor(page, 'variables.json'), /the restore job's id/);
    } finally {
      await opened?.context.close(); // before the gateway that the page still fetches from
      await other.stop();
    }
  });

  test('is not served outside of demo mode by default', async () => {
    const other = await startGateway(live());
    try {
      const text = await (await fetch(other.url)).text();
      assert.match(text, /^Atlas Restore Gateway\. The GraphQL API is at \/graphql/);
      for (const path of ['dashboard', 'caller', 'playground/schema']) {
        assert.equal((await fetch(`${other.url}/${path}`)).status, 404, path);
      }
    } finally {
      await other.stop();
    }
  });

  test('transfers less than 1.5 MB, and of its editor only the parts for GraphQL and JSON', async () => {
    const { page, requests } = await open();
    await answer(page);
    const [paint] = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint').map(p => p.startTime));
    const interactive = await page.evaluate(() => performance.getEntriesByName('editor-ready')[0]?.startTime);
    await page.waitForFunction(() => performance.getEntriesByName('editor-ready').length > 0);
    for (const name of ['graphql', 'json', 'editor']) {
      if (!page.workers().some(w => w.url().includes(`${name}.worker`))) {
        await page.waitForEvent('worker', w => w.url().includes(`${name}.worker`));
      }
    }
    await quiet(page);
    const bytes = await transferred(requests);
    const files = requests.filter(r => !r.url().endsWith('/graphql') && !r.url().startsWith('data:'));
    const urls = [...new Set(files.map(r => r.url()))];
    const byGzip = await Promise.all(urls.map(async url => Number((await fetch(url, { method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } })).headers.get('Content-Length'))));
    const sum = byGzip.reduce((a, b) => a + b);
    console.log(
      `the playground: first paint after ${Math.round(paint)} ms, editor after ${Math.round(interactive)} ms, ` +
        `${(bytes / 1e6).toFixed(2)} MB in all (its files by gzip ${(sum / 1e6).toFixed(2)} MB)`,
    );
    assert.ok(bytes > 0.8e6 && bytes < 1.5e6, `${bytes} bytes`);
    assert.ok(sum < 1.5e6, `${sum} bytes by gzip, which browsers use over plain HTTP`);
    assert.equal(new Set(files.map(r => /(\w+)\.worker/.exec(r.url())?.[1]).filter(Boolean)).size, 3, 'the workers have not fetched three scripts');
    for (const file of files) {
      const response = await file.response();
      assert.ok(file.isNavigationRequest() || ['br', 'gzip'].includes(response.headers()['content-encoding']), `${file.url()} is not compressed`);
      assert.doesNotMatch(file.url(), /babel|estree|typescript|javascript|\bcss\.worker|html\.worker/, 'the page fetched a language that it does not need');
    }
  });

  test('moves nothing while it loads, wide and narrow', async () => {
    for (const viewport of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
      const { page, context } = (opened = await openPage(browser, gateway, { viewport }));
      await measureShift(page);
      await page.goto(gateway.url);
      await answer(page);
      await quiet(page);
      await assertStill(page, `the playground, ${viewport.width} wide`);
      await context.close();
    }
  });

  test('needs no horizontal scrolling, wide and narrow', async () => {
    for (const width of [1280, 1024, 768, 390, 320]) {
      const { page, context } = await open({ viewport: { width, height: 800 } });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `the page is wider than ${width}`);
      const bar = await page.locator('.bar').boundingBox();
      const playground = await page.locator('.playground').boundingBox();
      assert.ok(bar.y + bar.height <= playground.y + 1, 'the bar covers the editor');
      await context.close();
    }
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`is accessible in ${colorScheme}`, async () => {
      for (const width of [1280, 390]) {
        const { page, context, mistakes } = await open({ colorScheme, viewport: { width, height: 844 } });
        await answer(page);
        await assertAccessible(page, 'the page');
        for (const pane of ['Start here', 'Docs', 'Explorer', 'History']) {
          await showPane(page, pane);
          await assertAccessible(page, pane);
        }
        for (const dialog of ['Open short keys dialog', 'Open settings dialog']) {
          await page.getByRole('button', { name: dialog }).click();
          await page.getByRole('dialog').waitFor();
          await assertAccessible(page, dialog);
          await page.keyboard.press('Escape');
        }
        await page.getByRole('button', { name: 'Link to this operation' }).click();
        await page.getByText('and no headers.').waitFor();
        await assertAccessible(page, 'the notice of a link');
        assert.deepEqual(mistakes, []);
        await context.close();
      }
    });
  }

  test('changes its colours, and stores the choice', async () => {
    const { page } = await open({ colorScheme: 'light' });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Colours: Auto' }).click();
    await page.getByRole('button', { name: 'Colours: Light' }).click();
    await page.getByRole('button', { name: 'Colours: Dark' }).waitFor();
    const dark = await background();
    assert.notEqual(dark, light);
    await page.reload();
    await page.getByRole('button', { name: 'Colours: Dark' }).waitFor();
    assert.equal(await background(), dark);
  });
});
