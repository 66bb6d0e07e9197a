// The whole of it on loopback: routers → a witness → the built gateway in demo mode, and
// the example's inventory.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { compose } from "../../examples/supergraph/compose.js";
import { inventory } from "../../examples/supergraph/inventory.js";
import { router } from "../../examples/supergraph/router.js";

const program = process.env.PROGRAM ?? new URL("../../bin/atlas-restore-gateway", import.meta.url).pathname;

/** The project of the demo. */
export const groupId = "63f3484e1f3a9b27c6000001";

export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/graphql`;
}

/** Sends a query and gives the answer. */
export async function ask(url, query, variables = {}, headers = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** The built gateway in demo mode. Its log tells each request that goes to Atlas. */
export async function startGateway() {
  const child = spawn(program, ["--demo", "--listen", "127.0.0.1:0", "--log-level", "debug"], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const ended = once(child, "exit");
  while (!/msg=serving url=\S+/.test(log)) {
    await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${log}`);
  }
  return {
    url: log.match(/msg=serving url=(\S+)/)[1],
    log: () => log,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** A proxy that notes the requests on their way to the gateway. */
export async function startWitness(target) {
  const seen = [];
  const server = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      seen.push({ headers: incoming.headers, body: body.length > 0 ? JSON.parse(body) : undefined });
      const { host, ...headers } = incoming.headers;
      request(target, { method: incoming.method, headers: { ...headers, "content-length": body.length } }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }).end(body);
    });
  });
  return { url: await listen(server), seen, stop: () => stop(server) };
}

function stop(server) {
  server.closeAllConnections();
  return new Promise((done) => server.close(done));
}

export async function startHive(supergraph) {
  const server = router(supergraph);
  return { url: await listen(server), stop: () => stop(server) };
}

/** Apollo Gateway passes no header on unless it is told to. */
class PassingOn extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const name of ["authorization", "traceparent", "tracestate"]) {
      if (context.headers?.[name]) request.http.headers.set(name, context.headers[name]);
    }
  }
}

export async function startApollo(supergraph) {
  const gateway = new ApolloGateway({ supergraphSdl: supergraph, buildService: ({ url }) => new PassingOn({ url }), logger: silent });
  const server = new ApolloServer({ gateway, logger: silent, introspection: true, includeStacktraceInErrorResponses: false });
  const { url } = await startStandaloneServer(server, { listen: { port: 0, host: "127.0.0.1" }, context: async ({ req }) => ({ headers: req.headers }) });
  return { url, stop: () => server.stop() };
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Both routers over the same two subgraphs. */
export async function startAll(services) {
  const gateway = await startGateway();
  const witness = await startWitness(gateway.url);
  const server = inventory(services);
  const supergraph = compose({ atlasRestore: witness.url, inventory: await listen(server) });
  const routers = { "Apollo Gateway": await startApollo(supergraph), "Hive Gateway": await startHive(supergraph) };
  return {
    gateway, witness, routers,
    stop: async () => {
      for (const { stop } of Object.values(routers)) await stop();
      await stop(server);
      await witness.stop();
      await gateway.stop();
    },
  };
}
