// The router: Hive Gateway over a supergraph.
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";

/** The headers of a client that the subgraphs get, too. Without this they get none. */
const passedOn = ["authorization", "traceparent", "tracestate"];

/** An HTTP server over a supergraph, which does not listen yet. More are settings of Hive Gateway. */
export function router(supergraph, more = {}) {
  const runtime = createGatewayRuntime({
    supergraph,
    // Hive Router's planner. The one that Hive Gateway has without it drops the index from
    // the path of an error in a list.
    unifiedGraphHandler,
    logging: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) =>
        Object.fromEntries(passedOn.map((name) => [name, request.headers.get(name)]).filter(([, value]) => value !== null)),
    },
    ...more,
  });
  return createServer(runtime);
}
