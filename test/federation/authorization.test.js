// A router that knows who calls enforces what the schema says of permissions: Hive Gateway
// does, and the gateway behind it would let everybody see everything.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, groupId, startGateway, startHiveOver } from "./env.js";

let gateway, hive;

before(async () => {
  gateway = await startGateway();
  hive = await startHiveOver(gateway, {
    genericAuth: {
      mode: "protect-granular",
      rejectUnauthenticated: false,
      // In the place of a JWT: the scopes stand in a header.
      resolveUserFn: ({ request }) => (request.headers.has("x-scopes") ? { scope: request.headers.get("x-scopes") } : null),
    },
  });
});

after(async () => {
  await hive.stop();
  await gateway.stop();
});

const query = `{
  services { name }
  jobs: restoreJobs(groupId: "${groupId}", states: [READY], first: 1) { nodes { id state deliveryUrl } }
}`;

for (const [name, scopes, sees] of [
  ["nobody", undefined, []],
  ["somebody without a scope", "profile", []],
  ["who may read jobs", "jobs:read", ["id", "state"]],
  ["who may read downloads, too", "jobs:read downloads:read", ["id", "state", "deliveryUrl"]],
]) {
  test(`${name} sees ${sees.join(", ") || "nothing"} of a job`, async () => {
    const { data, errors } = await ask(hive.url, query, { headers: scopes === undefined ? {} : { "X-Scopes": scopes } });
    const job = data?.jobs?.nodes?.[0] ?? {};
    assert.deepEqual(Object.keys(job).filter((field) => job[field] !== null), sees, JSON.stringify({ data, errors }));
    assert.equal((errors ?? []).length > 0, sees.length < 3, JSON.stringify(errors));
  });
}
