// The clients that people use, each with a job that runs and succeeds.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { createClient as createSSE } from "graphql-sse";
import { createClient as createWS } from "graphql-ws";
import WebSocket from "ws";
import { startAtlas, startGateway, subscriptionTo } from "./system.js";

let atlas, gateway;

before(async () => {
  atlas = await startAtlas();
  gateway = await startGateway(atlas);
});

after(async () => {
  await gateway?.stop();
  await atlas?.stop();
});

/** Collects the results of a subscription to its end. */
async function collect(subscribe) {
  const results = [];
  await new Promise((complete, error) => subscribe({ next: (result) => results.push(result), complete, error }));
  return results;
}

const states = (results) => results.map(({ data, errors }) => errors ?? data.restoreJob.state);

const webSocket = (options) => createWS({ url: gateway.url.replace("http", "ws"), webSocketImpl: WebSocket, ...options });

test("graphql-ws gets the states of a job, and the end", async () => {
  const client = webSocket({ retryAttempts: 0 });
  const id = await atlas.addJob("4s");
  assert.deepEqual(states(await collect((sink) => client.subscribe(subscriptionTo(id), sink))), ["RUNNING", "SUCCEEDED"]);
  assert.deepEqual(await collect((sink) => client.subscribe({ query: "{ __typename }" }, sink)), [{ data: { __typename: "Query" } }]);
  await assert.rejects(collect((sink) => client.subscribe({ query: "{ nothing }" }, sink)), ([error]) => error.extensions.code === "GRAPHQL_VALIDATION_FAILED");
  await client.dispose();
});

for (const method of ["POST", "GET"]) {
  test(`graphql-sse gets the states of a job by ${method}, and the end`, async () => {
    const client = createSSE({ url: gateway.url, retryAttempts: 0, singleConnection: false, fetchFn: (url, init) => {
      if (method === "POST") return fetch(url, init);
      const { query, variables } = JSON.parse(init.body);
      const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      return fetch(`${url}?${parameters}`, { ...init, method, body: undefined, headers: { accept: init.headers.accept } });
    } });
    const id = await atlas.addJob("4s");
    assert.deepEqual(states(await collect((sink) => client.subscribe(subscriptionTo(id), sink))), ["RUNNING", "SUCCEEDED"]);
    client.dispose();
  });
}

test("Apollo Client gets the states of a job by multipart, and the end", async () => {
  const client = new ApolloClient({ link: new HttpLink({ uri: gateway.url }), cache: new InMemoryCache() });
  const id = await atlas.addJob("4s");
  const { query, variables } = subscriptionTo(id);
  const results = await collect((sink) => client.subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" }).subscribe(sink));
  assert.deepEqual(results.map(({ data, error }) => error?.message ?? data.restoreJob.state), ["RUNNING", "SUCCEEDED"]);
});

test("a client gets the error of a job that does not exist, and the end", async () => {
  const client = createSSE({ url: gateway.url, retryAttempts: 0 });
  const [{ data, errors }, ...more] = await collect((sink) => client.subscribe(subscriptionTo("65a0000000000000000000aa"), sink));
  assert.deepEqual([data, errors[0].extensions.code, more], [{ restoreJob: null }, "NOT_FOUND", []]);
  client.dispose();
});

test("clients come back when the gateway restarts, and get the state of then", async () => {
  const first = await startGateway(atlas);
  const port = new URL(first.url).port;
  const id = await atlas.addJob("9s");
  const options = { retryAttempts: 50, retryWait: () => new Promise((next) => setTimeout(next, 200)), shouldRetry: () => true };
  const ws = createWS({ url: first.url.replace("http", "ws"), webSocketImpl: WebSocket, ...options });
  const sse = createSSE({ url: first.url, ...options });
  let begun = 0;
  const both = Promise.all([ws, sse].map((client) => collect((sink) => client.subscribe(subscriptionTo(id), { ...sink, next: (r) => { begun++; sink.next(r); } }))));
  while (begun < 2) await new Promise((next) => setTimeout(next, 50));
  await first.stop();
  const second = await startGateway(atlas, `--listen=127.0.0.1:${port}`);
  for (const results of await both) {
    assert.deepEqual([...new Set(states(results))], ["RUNNING", "SUCCEEDED"]);
  }
  await ws.dispose();
  sse.dispose();
  await second.stop();
});

test("a caller says who it is in a header or in connection_init", async () => {
  const { execFileSync } = await import("node:child_process");
  const { mkdtempSync, rmSync, writeFileSync } = await import("node:fs");
  const folder = mkdtempSync("/tmp/live-");
  const printed = execFileSync(new URL("../../bin/atlas-restore-gateway", import.meta.url).pathname, ["token", "dashboard"], { encoding: "utf8" });
  const [token] = printed.match(/^arg_\S+$/m);
  writeFileSync(`${folder}/tokens.yaml`, `tokens:\n- ${printed.split("\n- ")[1]}`, { mode: 0o600 });
  writeFileSync(`${folder}/policy.yaml`, "rules:\n- {subject: {token: dashboard}, projects: all, permissions: [jobs:read]}\n", { mode: 0o600 });
  const guarded = await startGateway(atlas, "--auth=token", `--token-file=${folder}/tokens.yaml`, `--policy=${folder}/policy.yaml`);
  const id = await atlas.addJob("1s");
  const url = guarded.url.replace("http", "ws");
  const ws = (options) => createWS({ url, webSocketImpl: WebSocket, retryAttempts: 0, ...options });
  const right = ws({ connectionParams: { Authorization: `Bearer ${token}` } });
  assert.equal(states(await collect((sink) => right.subscribe(subscriptionTo(id), sink))).at(-1), "SUCCEEDED");
  await right.dispose();
  const wrong = ws({ connectionParams: { Authorization: "Bearer nothing" } });
  await assert.rejects(collect((sink) => wrong.subscribe(subscriptionTo(id), sink)), ({ code }) => code === 4403);
  const sse = createSSE({ url: guarded.url, retryAttempts: 0, headers: { Authorization: `Bearer ${token}` } });
  assert.equal(states(await collect((sink) => sse.subscribe(subscriptionTo(id), sink))).at(-1), "SUCCEEDED");
  sse.dispose();
  const nobody = createSSE({ url: guarded.url, retryAttempts: 0 });
  await assert.rejects(collect((sink) => nobody.subscribe(subscriptionTo(id), sink)), ({ response }) => response.status === 401);
  await guarded.stop();
  rmSync(folder, { recursive: true });
});
