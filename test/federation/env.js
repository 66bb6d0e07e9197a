// The whole system on loopback: routers → a recording proxy → the built gateway in demo mode, and the example's
// inventory.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { parse } from "graphql";
import { compose, composeByHive, subgraphs, withoutAuthorization } from "../../examples/supergraph/compose.js";
import { startDemo } from "../../examples/supergraph/demo.js";
import { inventory } from "../../examples/supergraph/inventory.js";
import { router } from "../../examples/supergraph/router.js";

export const program = process.env.PROGRAM ?? new URL("../../bin/atlas-restore-gateway", import.meta.url).pathname;

/** The largest project of demo mode. */
export const groupId = "63f3484e1f3a9b27c6000001";

/** Sends a query and returns the answer. */
export async function execute(url, query, { variables = {}, headers = {} } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/graphql`;
}

function close(server) {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
}

/** Starts the built gateway, without a cache. At the level debug its log has a line for each request to Atlas. */
export async function startGateway(...args) {
  const gateway = await startDemo(program, "--listen", "127.0.0.1:0", "--log-level", "debug", "--cache-bytes", "0", ...args);
  let markers = 0;
  return {
    ...gateway,
    /** Returns the log lines since a position, after every line of earlier requests is written. */
    async logSince(position) {
      const marker = `marker-${++markers}`;
      await execute(gateway.url, "{ __typename }", { headers: { "X-Request-Id": marker } });
      while (!gateway.log().slice(position).includes(`request_id=${marker}`)) await new Promise((next) => setImmediate(next));
      return gateway.log().slice(position).split("\n");
    },
  };
}

/** Starts a proxy before the gateway that records the requests, and answers 503 in place of those answers that it loses. */
export async function startRecordingProxy(target, { loses = () => false } = {}) {
  const requests = [];
  const server = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      requests.push({ headers: incoming.headers, body: JSON.parse(body) });
      const { host: _, "transfer-encoding": __, ...headers } = incoming.headers;
      const isLost = loses(requests.length);
      request(target, { method: incoming.method, headers: { ...headers, "content-length": body.length } }, (answer) => {
        if (isLost) {
          answer.resume().on("end", () => outgoing.writeHead(503).end());
          return;
        }
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }).end(body);
    });
  });
  return { url: await listen(server), requests, stop: () => close(server) };
}

async function startHive(supergraph, settings) {
  const server = router(supergraph, settings);
  return { url: await listen(server), stop: () => close(server) };
}

/** Starts Hive Gateway with the given settings over a gateway with --actions, which is reached at a URL. */
export function startHiveWithActions(url, settings) {
  const typeDefs = parse(readFileSync(new URL("../../schema/actions/subgraph.graphql", import.meta.url), "utf8"));
  return startHive(composeByHive([{ name: "atlas-restore", url, typeDefs }]), settings);
}

/** Starts Hive Gateway with the given settings over the gateway and the example's inventory. */
export async function startHiveOver(gateway, settings) {
  const server = inventory();
  const hive = await startHive(compose({ atlasRestore: gateway.url, inventory: await listen(server) }), settings);
  return {
    url: hive.url,
    stop: async () => {
      await hive.stop();
      await close(server);
    },
  };
}

/** Passes headers on, which Apollo Gateway does not do by default. */
class PassingOn extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const name of ["authorization", "traceparent", "tracestate"]) {
      if (context.headers?.[name]) request.http.headers.set(name, context.headers[name]);
    }
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function startApollo(supergraphSdl) {
  const gateway = new ApolloGateway({ supergraphSdl, buildService: ({ url }) => new PassingOn({ url }), logger: silent });
  const server = new ApolloServer({ gateway, logger: silent, introspection: true, includeStacktraceInErrorResponses: false });
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: "127.0.0.1" },
    context: async ({ req }) => ({ headers: req.headers }),
  });
  return { url, stop: () => server.stop() };
}

/** Starts both routers, each over a supergraph by the composer of its maker. */
export async function startAll(gateway, services) {
  const proxy = await startRecordingProxy(gateway.url);
  const server = inventory(services);
  const urls = { atlasRestore: proxy.url, inventory: await listen(server) };
  const routers = {
    "Apollo Gateway": await startApollo(composeServices(withoutAuthorization(subgraphs(urls))).supergraphSdl),
    "Hive Gateway": await startHive(compose(urls)),
  };
  return {
    proxy, routers,
    stop: async () => {
      for (const { stop } of Object.values(routers)) await stop();
      await close(server);
      await proxy.stop();
    },
  };
}
