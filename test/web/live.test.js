// The dashboard while jobs change. Its files are those of demo mode; its jobs are those of a simulator in which nothing happens
// but what a test does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { clusterName, groupId, startAtlas, startGateway as startBefore } from '../live/system.js';
import { openPage, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';

let browser, demo, atlas, gateway, proxy, url;
before(async () => {
  [browser, demo, atlas] = await Promise.all([startBrowser(), startGateway(), startAtlas()]);
  gateway = await startBefore(atlas);
  [proxy, url] = await startProxy();
});
after(async () => {
  await browser?.close();
  proxy?.closeAllConnections();
  proxy?.close();
  await Promise.all([demo, gateway].map(program => program?.stop()));
  await atlas?.stop();
});

/** Serves the pages of one gateway and the GraphQL of another at one origin. */
async function startProxy() {
  const targetOf = path => new URL(path.startsWith('/graphql') ? gateway.url : demo.url).origin;
  const send = incoming => request(targetOf(incoming.url) + incoming.url, { method: incoming.method, headers: incoming.headers });
  const server = createServer((incoming, outgoing) => {
    const outer = send(incoming);
    outer.on('response', answer => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    outer.on('error', () => outgoing.destroy());
    incoming.pipe(outer);
  });
  server.on('upgrade', (incoming, socket) => {
    const outer = send(incoming);
    outer.on('upgrade', (answer, other) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      socket.pipe(other).pipe(socket);
      for (const one of [socket, other]) one.on('error', () => (socket.destroy(), other.destroy()));
    });
    outer.on('response', () => socket.destroy());
    outer.on('error', () => socket.destroy());
    outer.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, `http://127.0.0.1:${server.address().port}`];
}

test('the dashboard shows a job that succeeds and one that fails, in view', { timeout: 90_000 }, async () => {
  const [good, bad] = [await atlas.addJob('12s'), await atlas.addFailingJob('12s')];
  const { page, context, mistakes } = await openPage(browser, { url });
  try {
    await page.goto(`${url}/dashboard#project=${groupId}`);
    const row = id => page.locator('.table tbody tr').filter({ has: page.locator(`a[href*="${clusterName}%2F${id}"], a[href*="${clusterName}/${id}"]`) });
    for (const id of [good, bad]) {
      await row(id).filter({ hasText: 'Running' }).waitFor();
    }
    // What a person has focused stays focused when rows change.
    await row(bad).getByRole('link').first().focus();
    await row(good).filter({ hasText: 'Succeeded' }).waitFor({ timeout: 60_000 });
    await row(bad).filter({ hasText: 'Failed' }).waitFor({ timeout: 60_000 });
    assert.equal(await row(bad).getByRole('link').first().evaluate(link => link === document.activeElement), true);
    await page.getByTestId('freshness').getByText(/^Live/).waitFor();
  } finally {
    await context.close();
  }
  assert.deepEqual(mistakes, []);
});

test('EventSource of a browser gets the states of a job, and the end', { timeout: 60_000 }, async () => {
  const id = await atlas.addJob('4s');
  const { page, context } = await openPage(browser, { url });
  try {
    await page.goto(`${url}/dashboard`);
    const query = `subscription { restoreJob(groupId: "${groupId}", clusterName: "${clusterName}", restoreJobId: "${id}") { state } }`;
    const events = await page.evaluate(query => new Promise((resolve, reject) => {
      const events = [];
      const source = new EventSource(`graphql?query=${encodeURIComponent(query)}`);
      source.addEventListener('next', ({ data }) => events.push(JSON.parse(data).data.restoreJob.state));
      source.addEventListener('complete', () => (source.close(), resolve(events)));
      source.onerror = reject;
    }), query);
    assert.deepEqual(events, ['RUNNING', 'SUCCEEDED']);
  } finally {
    await context.close();
  }
});
