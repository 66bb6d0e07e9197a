// Hive Gateway authenticates callers and enforces the permissions of the schema. The gateway behind it runs without
// authentication, so that only the router can reject a field.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execute, groupId, startGateway, startHiveOver } from "./env.js";

let gateway, hive;

before(async () => {
  gateway = await startGateway();
  hive = await startHiveOver(gateway, {
    genericAuth: {
      mode: "protect-granular",
      rejectUnauthenticated: false,
      // A header has the scopes, in place of a JWT.
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

for (const [name, scopes, fields] of [
  ["an unauthenticated caller", undefined, []],
  ["a caller without a scope of the schema", "profile", []],
  ["a caller with jobs:read", "jobs:read", ["id", "state"]],
  ["a caller with jobs:read and downloads:read", "jobs:read downloads:read", ["id", "state", "deliveryUrl"]],
]) {
  test(`${name} reads ${fields.join(", ") || "nothing"} of a job`, async () => {
    const { data, errors } = await execute(hive.url, query, { headers: scopes === undefined ? {} : { "X-Scopes": scopes } });
    const job = data?.jobs?.nodes?.[0] ?? {};
    assert.deepEqual(Object.keys(job).filter((field) => job[field] !== null), fields, JSON.stringify({ data, errors }));
    assert.equal((errors ?? []).length > 0, fields.length < 3, JSON.stringify(errors));
  });
}
