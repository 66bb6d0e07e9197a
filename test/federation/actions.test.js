// Mutations through Hive Gateway: each decision is one restore, also where the router sends a request again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execute, startGateway, startHiveWithActions, startRecordingProxy } from "./env.js";

const groupId = "6638da7d1f3a9b27c6000004";
let gateway;
before(async () => {
  gateway = await startGateway("--actions");
});
after(() => gateway.stop());

const input = (snapshotId, clusterName) => ({ snapshot: { groupId, clusterName, snapshotId, targetGroupId: groupId, targetClusterName: clusterName } });
const plan = "mutation ($input: RestoreInput!) { planRestore(input: $input) { confirmation refusals { code } sourceCluster { snapshots(first: 1) { nodes { id } } } } }";
const start = `mutation ($confirmation: String!, $name: ClusterName!, $key: String!) {
  startRestore(confirmation: $confirmation, targetClusterName: $name, idempotencyKey: $key) { id state targetCluster { name } }
}`;

async function newestSnapshot(url, clusterName) {
  const { data } = await execute(url, `{ cluster(groupId: "${groupId}", clusterName: "${clusterName}") { snapshots(first: 1) { nodes { id } } } }`);
  return data.cluster.snapshots.nodes[0].id;
}

/** Returns how many requests to Atlas have started something since a position of the log. */
const started = async (position) =>
  (await gateway.logSince(position)).filter((line) => /msg="atlas request" method=POST path=\S+restoreJobs .*status=200/.test(line)).length;

test("a restore is planned and started through the router", async () => {
  const position = gateway.log().length;
  const hive = await startHiveWithActions(gateway.url);
  try {
    const variables = { input: input(await newestSnapshot(hive.url, "shipping"), "shipping") };
    const planned = await execute(hive.url, plan, { variables });
    const { confirmation } = planned.data.planRestore;
    assert.ok(confirmation, JSON.stringify(planned));
    const answer = await execute(hive.url, start, { variables: { confirmation, name: "shipping", key: "hive" } });
    assert.equal(answer.data.startRestore.state, "RUNNING");
    assert.equal(answer.data.startRestore.targetCluster.name, "shipping");
    const again = await execute(hive.url, plan, { variables });
    assert.deepEqual(again.data.planRestore.refusals, [{ code: "RESTORE_RUNNING" }]);
    const late = await execute(hive.url, start, { variables: { confirmation, name: "shipping", key: "another" } });
    assert.equal(late.errors[0].extensions.refusal, "CONFIRMATION_EXPIRED");
    assert.equal(await started(position), 1);
  } finally {
    await hive.stop();
  }
});

test("a router that sends a start again starts nothing again", async () => {
  const position = gateway.log().length;
  let loses = false;
  const proxy = await startRecordingProxy(gateway.url, { loses: () => loses && !(loses = false) });
  const hive = await startHiveWithActions(proxy.url, { upstreamRetry: { maxRetries: 2, retryDelay: 10 } });
  try {
    const variables = { input: input(await newestSnapshot(hive.url, "stock"), "stock") };
    const { confirmation } = (await execute(hive.url, plan, { variables })).data.planRestore;
    const before = proxy.requests.length;
    loses = true;
    const answer = await execute(hive.url, start, { variables: { confirmation, name: "stock", key: "again" } });
    assert.ok(answer.data.startRestore.id, JSON.stringify(answer));
    assert.equal(proxy.requests.length, before + 2);
    assert.equal(await started(position), 1);
  } finally {
    await hive.stop();
    await proxy.stop();
  }
});
