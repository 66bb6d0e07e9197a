import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { assertAccessible, openPage, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';

const groupId = '6638da7d1f3a9b27c6000004';

let browser, gateway, opened;
before(async () => {
  [browser, gateway] = await Promise.all([startBrowser(), startGateway({ args: ['--demo', '--actions'] })]);
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));
afterEach(async () => {
  await opened?.context.close();
  assert.deepEqual(opened?.mistakes ?? [], []);
  opened = undefined;
});

async function query(text) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text }),
  });
  return (await response.json()).data;
}

/** The newest restores of a cluster, and those of them that restore something into it. */
async function jobsOf(clusterName) {
  const data = await query(
    `{ restoreJobs(groupId: "${groupId}", clusterNames: ["${clusterName}"], first: 50) { nodes { id state deliveryType snapshotId targetClusterName } } }`,
  );
  return data.restoreJobs.nodes;
}

/** Opens the detail of a job of the cluster whose snapshot can be restored. */
async function open(clusterName) {
  const job = (await jobsOf(clusterName)).find(j => j.state === 'SUCCEEDED' && j.targetClusterName === clusterName);
  opened = await openPage(browser, gateway, {});
  await opened.page.goto(`${gateway.url}/dashboard#project=${groupId}&job=${groupId}/${clusterName}/${job.id}`);
  await opened.page.getByRole('button', { name: 'Restore this snapshot…' }).waitFor();
  return opened.page;
}

describe('actions in the dashboard', () => {
  test('a restore is planned, read, typed, started, watched and cancelled', async () => {
    const page = await open('shipping');
    const before = new Set((await jobsOf('shipping')).map(j => j.id));
    await page.getByRole('button', { name: 'Restore this snapshot…' }).click();
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText('Atlas removes all data of the cluster shipping of the project Warehouse').waitFor();
    await page.getByText('the restore overwrites the cluster that the backup is of').waitFor();
    await assertAccessible(page);
    const start = page.getByRole('button', { name: 'Start the restore' });
    assert.equal(await start.isDisabled(), true);
    const name = page.getByLabel(/Type the name of the cluster/);
    await name.fill('Shipping');
    assert.equal(await start.isDisabled(), true);
    await name.fill('shipping');
    await start.dblclick();
    const link = page.getByRole('status').getByRole('link');
    await link.waitFor();
    const started = (await jobsOf('shipping')).filter(j => !before.has(j.id));
    assert.deepEqual(started.map(j => j.id), [await link.innerText()]);
    await link.click();
    // It is watched: the state comes by itself.
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Running', { exact: true }).first().waitFor();
    await dialog.getByRole('button', { name: 'Cancel this job…' }).click();
    await dialog.getByText('stays changed').waitFor();
    await dialog.getByLabel(/Type the name of the cluster/).fill('shipping');
    await dialog.getByRole('button', { name: 'Cancel the job' }).click();
    await dialog.getByText('the job is cancelled').or(dialog.getByText('Cancelled', { exact: true })).first().waitFor();
    assert.equal((await jobsOf('shipping')).find(j => j.id === started[0].id).state, 'CANCELLED');
  });

  test('a plan that cannot be started offers no start', async () => {
    const page = await open('stock');
    await page.getByRole('button', { name: 'Restore this snapshot…' }).click();
    await page.getByLabel('Project of the target').fill('63f3484e1f3a9b27c6000001');
    await page.getByLabel('Cluster to overwrite').fill('newsletter');
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByText('It cannot be started').waitFor();
    await page.getByText('cannot be restored into a Free one').waitFor();
    assert.equal(await page.getByLabel(/Type the name/).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Start the restore' }).count(), 0);
  });

  test('a download is planned and started', async () => {
    const page = await open('stock');
    await page.getByRole('button', { name: 'Download this snapshot…' }).click();
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.getByLabel(/Type the name of the cluster/).fill('stock');
    await page.getByRole('button', { name: 'Start the download' }).click();
    const link = page.getByRole('status').getByRole('link');
    await link.waitFor();
    const id = await link.innerText();
    assert.equal((await jobsOf('stock')).find(j => j.id === id).deliveryType, 'DOWNLOAD');
  });

  test('there are no actions without --actions', async () => {
    const plain = await startGateway();
    try {
      opened = await openPage(browser, plain, {});
      const job = (await jobsOf('shipping')).find(j => j.state === 'SUCCEEDED');
      await opened.page.goto(`${plain.url}/dashboard#project=${groupId}&job=${groupId}/shipping/${job.id}`);
      await opened.page.getByRole('heading', { name: 'Snapshot' }).waitFor();
      assert.equal(await opened.page.getByRole('region', { name: 'Actions' }).count(), 0);
    } finally {
      await plain.stop();
    }
  });
});
