// Hive Gateway subscribes for its clients, by each transport that it has for a subgraph.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { createClient } from "graphql-sse";
import { MemPubSub } from "../../examples/supergraph/node_modules/@graphql-hive/pubsub/dist/index.js";
import { compose } from "../../examples/supergraph/compose.js";
import { router } from "../../examples/supergraph/router.js";
import { startAtlas, startGateway, subscriptionTo } from "./system.js";

let atlas;

before(async () => (atlas = await startAtlas()));
after(() => atlas?.stop());

/** Returns a port that was free. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

const transport = (options) => ({ transportEntries: { "atlas-restore": { options: { subscriptions: options } } } });

for (const [name, settings] of [
  ["server-sent events", () => ({})],
  ["a WebSocket", () => transport({ kind: "ws", location: "/graphql" })],
  ["callbacks", (port) => ({
    webhooks: true,
    pubsub: new MemPubSub(),
    ...transport({ kind: "http-callback", options: { public_url: `http://127.0.0.1:${port}/callback`, heartbeat_interval: 3000 } }),
  })],
]) {
  test(`Hive Gateway gets the states of a job by ${name}, and the end`, { timeout: 60_000 }, async () => {
    const port = await freePort();
    const gateway = await startGateway(atlas, `--callback-origins=http://127.0.0.1:${port}`);
    const server = router(compose({ atlasRestore: gateway.url, inventory: "http://127.0.0.1:1/graphql" }), settings(port));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const client = createClient({ url: `http://127.0.0.1:${port}/graphql`, retryAttempts: 0 });
    try {
      const id = await atlas.addJob("8s");
      const states = [];
      await new Promise((complete, error) => client.subscribe(subscriptionTo(id), {
        next: ({ data, errors }) => states.push(errors ?? data.restoreJob.state), complete, error,
      }));
      assert.deepEqual(states, ["RUNNING", "SUCCEEDED"]);
    } finally {
      client.dispose();
      server.closeAllConnections();
      server.close();
      await gateway.stop();
    }
  });
}
