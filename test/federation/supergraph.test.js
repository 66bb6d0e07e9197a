// The example served through Apollo Gateway and through Hive Gateway, against the built
// program in demo mode.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { execute, groupId, startAll, startGateway } from "./env.js";

const nowhere = "0123456789abcdef01234567";
const missing = [17, 31]; // of the 50 restores
// An id of the same second as an existing job, because an id begins with its time.
const removed = (id) => id.slice(0, 18) + "ffffff";

let gateway, system;

before(async () => {
  gateway = await startGateway();
  // The oldest jobs, because those do not change while the test runs.
  const { data } = await execute(gateway.url, `{ serverlessRestoreJobs(groupId: "${groupId}", clusterName: "orders", first: 100) { nodes { id } } }`);
  const ids = data.serverlessRestoreJobs.nodes.map(({ id }) => id).slice(-50);
  assert.equal(ids.length, 50);
  const restore = (id, ticket) => ({ groupId, clusterName: "orders", id, ticket });
  system = await startAll(gateway, [
    { name: "checkout", team: "payments", clusters: ["returns", "billing", "missing", "catalog"], restores: [] },
    { name: "archive", team: "storage", clusters: [], restores: ids.map((id, i) => restore(missing.includes(i) ? removed(id) : id, `OPS-${i}`)) },
    { name: "malformed", team: "none", clusters: [], restores: [restore(ids[0], "OPS-0"), restore("no id", "OPS-1"), { ...restore(ids[1], "OPS-2"), clusterName: "../../x" }] },
  ]);
});

after(async () => {
  await system?.stop();
  await gateway?.stop();
});

/** Executes a query by both routers. Returns the answers, the requests to the gateway and the calls of Atlas. */
async function executeByBoth(query, options) {
  const answers = {};
  for (const [name, { url }] of Object.entries(system.routers)) {
    const position = gateway.log().length;
    system.proxy.requests.length = 0;
    const answer = await execute(url, query, options);
    const requests = [...system.proxy.requests];
    const log = await gateway.logSince(position);
    answers[name] = { ...answer, requests, log, calls: log.filter((line) => line.includes('msg="atlas request"') && line.includes("status=")) };
  }
  return answers;
}

/** Returns the fields of errors that programs read, in the order of their paths. */
const errorFields = (errors = []) =>
  errors
    .map(({ path, extensions }) => ({ path, code: extensions.code, errorCode: extensions.errorCode, status: extensions.status }))
    .sort((a, b) => JSON.stringify(a.path) < JSON.stringify(b.path) ? -1 : 1);

/** Executes a query by both routers, whose answers must be the same. */
async function sameByBoth(query, options) {
  const answers = await executeByBoth(query, options);
  const [first, second] = Object.values(answers);
  assert.deepEqual(second.data, first.data);
  assert.deepEqual(errorFields(second.errors), errorFields(first.errors));
  return [first, answers];
}

test("a query goes from the inventory over clusters and restore jobs to snapshots", async () => {
  const [{ data, errors }] = await sameByBoth(`{ service(name: "checkout") { team clusters { name tier service { name } project { name }
    restoreJobs(first: 3) { nodes { __typename id snapshot { id status } } } } } }`);
  const { clusters } = data.service;
  assert.deepEqual(clusters.map((cluster) => cluster?.tier), ["FLEX", "DEDICATED", undefined, "FLEX"]);
  for (const cluster of clusters.filter(Boolean)) {
    assert.equal(cluster.service.name, "checkout");
    assert.equal(cluster.restoreJobs.nodes.length, 3);
    assert.ok(cluster.restoreJobs.nodes.some(({ snapshot }) => snapshot?.status === "COMPLETED"));
  }
  assert.deepEqual(errorFields(errors), [{ path: ["service", "clusters", 2], code: "NOT_FOUND", errorCode: "CLUSTER_NOT_FOUND", status: 404 }]);
});

test("fifty jobs of which two are missing take one request and three Atlas calls", async () => {
  const [{ data, errors }, answers] = await sameByBoth(`{ service(name: "archive") { restores { id state servedBy finishedAt ticket } } }`);
  const { restores } = data.service;
  assert.deepEqual(restores.flatMap((job, i) => (job ? [] : [i])), missing);
  for (const [i, job] of restores.entries()) if (job) assert.equal(job.ticket, `OPS-${i}`);
  assert.deepEqual(errorFields(errors), missing.map((i) => ({ path: ["service", "restores", i], code: "NOT_FOUND", errorCode: "RESTORE_JOB_NOT_FOUND", status: 404 })));
  for (const [name, { requests, calls }] of Object.entries(answers)) {
    assert.deepEqual(requests.map(({ body }) => body.variables.representations.length), [50], name);
    assert.equal(calls.length, 1 + missing.length, `${name}:\n${calls.join("\n")}`);
    console.log(`${name}: 50 references, ${calls.length} Atlas calls: one list, and one for each missing job`);
  }
});

test("the snapshots of fifty jobs take one Atlas call more", async () => {
  const [{ data }, answers] = await sameByBoth(`{ service(name: "archive") { restores { id snapshot { status } } } }`);
  assert.ok(data.service.restores.filter((job) => job?.snapshot).length > 20);
  for (const [name, { calls }] of Object.entries(answers)) assert.equal(calls.length, 2 + missing.length, `${name}:\n${calls.join("\n")}`);
});

test("malformed keys fail at their indexes, and the job beside them is served", async () => {
  const [{ data, errors }] = await sameByBoth(`{ service(name: "malformed") { restores { id state } } }`);
  assert.deepEqual(data.service.restores.map((job) => job?.state !== undefined), [true, false, false]);
  assert.deepEqual(errorFields(errors).map(({ path, code }) => ({ path, code })), [
    { path: ["service", "restores", 1], code: "BAD_USER_INPUT" },
    { path: ["service", "restores", 2], code: "BAD_USER_INPUT" },
  ]);
});

test("errors of root fields reach the client unchanged", async () => {
  const [{ data, errors }] = await sameByBoth(`{
    good: restoreJob(groupId: "${groupId}", clusterName: "orders", restoreJobId: "67ebae01a6713bc8f4000000") { id state ticket }
    bad: restoreJob(groupId: "${groupId}", clusterName: "orders", restoreJobId: "${nowhere}") { id }
  }`);
  assert.deepEqual([data.good.state, data.bad], ["SUCCEEDED", null]);
  assert.deepEqual(errorFields(errors), [{ path: ["bad"], code: "NOT_FOUND", errorCode: "RESTORE_JOB_NOT_FOUND", status: 404 }]);
});

test("introspection of the supergraph has no mutation and nothing of federation", async () => {
  const answers = await executeByBoth(`{ __schema { queryType { fields { name } } mutationType { name } subscriptionType { name } types { name kind } } }`);
  const [first, second] = Object.values(answers).map(({ data: { __schema } }) => ({
    ...__schema,
    // Sorted by name, because the routers differ in their order.
    fields: __schema.queryType.fields.map(({ name }) => name).sort(),
    // Hive's composer leaves the scalar of @requiresScopes in the API schema.
    types: __schema.types.map(({ kind, name }) => `${kind} ${name}`).filter((type) => type !== "SCALAR requiresScopes__Scope").sort(),
    queryType: undefined,
  }));
  assert.deepEqual(second, first);
  assert.deepEqual([first.mutationType, first.subscriptionType], [null, { name: "Subscription" }]);
  assert.ok(first.fields.includes("serverlessRestoreJob") && first.fields.includes("services"));
  assert.deepEqual([...first.fields, ...first.types].filter((name) => /_entities|_service| _[A-Z]|join__|link__/.test(name)), []);
});

test("trace and authorization headers arrive, and the log has the trace id", async () => {
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { Authorization: "Bearer of-the-client", Traceparent: `00-${trace}-00f067aa0ba902b7-01`, Tracestate: "vendor=1" };
  const answers = await executeByBoth(`{ service(name: "archive") { restores { id state } } }`, { headers });
  for (const [name, { requests, log }] of Object.entries(answers)) {
    assert.equal(requests.length, 1, name);
    for (const header of Object.keys(headers)) assert.equal(requests[0].headers[header.toLowerCase()], headers[header], `${name}: ${header}`);
    assert.ok(log.some((line) => line.includes("msg=request ") && line.includes(`trace_id=${trace}`)), `${name}: no request of the trace in the log`);
    assert.ok(!log.some((line) => line.includes("of-the-client")), `${name}: the log holds the token`);
  }
});
