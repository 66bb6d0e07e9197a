// The whole of it on loopback: routers → a witness → the built gateway in demo mode, and
// the example's inventory.
import { once } from "node:events";
import { createServer, request } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { compose, subgraphs, withoutAuthorization } from "../../examples/supergraph/compose.js";
import { startDemo } from "../../examples/supergraph/demo.js";
import { inventory } from "../../examples/supergraph/inventory.js";
import { router } from "../../examples/supergraph/router.js";

export const program = process.env.PROGRAM ?? new URL("../../bin/atlas-restore-gateway", import.meta.url).pathname;

/** The project of the demo. */
export const groupId = "63f3484e1f3a9b27c6000001";

/** Sends a query and gives the answer. */
export async function ask(url, query, { variables = {}, headers = {} } = {}) {
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

/** The built gateway. At the level debug its log has a line for each request to Atlas. */
export async function startGateway(...args) {
  const gateway = await startDemo(program, "--listen", "127.0.0.1:0", "--log-level", "debug", "--cache-bytes", "0", ...args);
  let markers = 0;
  return {
    ...gateway,
    /** The lines that the log has gained once what happened before is in it. */
    async logSince(position) {
      const marker = `marker-${++markers}`;
      await ask(gateway.url, "{ __typename }", { headers: { "X-Request-Id": marker } });
      while (!gateway.log().slice(position).includes(`request_id=${marker}`)) await new Promise((next) => setImmediate(next));
      return gateway.log().slice(position).split("\n");
    },
  };
}

/** A proxy that notes the requests on their way to the gateway. */
async function startWitness(target) {
  const seen = [];
  const server = createServer((incoming, outgoing) => {
    const chunks = [];
    incoming.on("data", (chunk) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      seen.push({ headers: incoming.headers, body: JSON.parse(body) });
      const { host: _, "transfer-encoding": __, ...headers } = incoming.headers;
      request(target, { method: incoming.method, headers: { ...headers, "content-length": body.length } }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }).end(body);
    });
  });
  return { url: await listen(server), seen, stop: () => close(server) };
}

async function startHive(supergraph, settings) {
  const server = router(supergraph, settings);
  return { url: await listen(server), stop: () => close(server) };
}

/** Hive Gateway with settings of its own, over the gateway and the example's inventory. */
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

/** Apollo Gateway passes no header on unless it is told to. */
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

/** Both routers, each over a supergraph of its own maker's composer. */
export async function startAll(gateway, services) {
  const witness = await startWitness(gateway.url);
  const server = inventory(services);
  const urls = { atlasRestore: witness.url, inventory: await listen(server) };
  const routers = {
    "Apollo Gateway": await startApollo(composeServices(withoutAuthorization(subgraphs(urls))).supergraphSdl),
    "Hive Gateway": await startHive(compose(urls)),
  };
  return {
    witness, routers,
    stop: async () => {
      for (const { stop } of Object.values(routers)) await stop();
      await close(server);
      await witness.stop();
    },
  };
}
