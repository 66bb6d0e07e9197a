// The router: Hive Gateway over a supergraph.
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/** The headers of a client that are passed on to the subgraphs. By default none is. */
const propagated = ["authorization", "traceparent", "tracestate"];

/** Returns an HTTP server over a supergraph, which does not listen yet. `settings` are those of Hive Gateway. */
export function router(supergraph, settings = {}) {
  const runtime = createGatewayRuntime({
    supergraph,
    // Hive Router's planner. Hive Gateway's default planner drops the index from the path of an error in a list.
    unifiedGraphHandler,
    logging: false,
    // Both pages load their scripts from the internet.
    graphiql: false,
    landingPage: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) =>
        Object.fromEntries(propagated.map((name) => [name, request.headers.get(name)]).filter(([, value]) => value !== null)),
    },
    ...settings,
  });
  return createServer(runtime);
}
