// Hive Gateway over the subgraph at SUBGRAPH. Its own spans go to the receiver at RECEIVER, each as soon as it ends.
import { once } from "node:events";
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { useOpenTelemetry } from "@graphql-hive/plugin-opentelemetry";
import { openTelemetrySetup } from "@graphql-hive/plugin-opentelemetry/setup";
import { unifiedGraphHandler } from "@graphql-hive/router-runtime";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { compose } from "../../examples/supergraph/compose.js";

const { SUBGRAPH, RECEIVER } = process.env;

openTelemetrySetup({
  contextManager: new AsyncLocalStorageContextManager(),
  resource: { serviceName: "hive" },
  traces: { exporter: new OTLPTraceExporter({ url: `${RECEIVER}/v1/traces` }), batching: false },
});

const runtime = createGatewayRuntime({
  supergraph: compose({ atlasRestore: SUBGRAPH, inventory: "http://127.0.0.1:1/graphql" }),
  unifiedGraphHandler,
  logging: false,
  graphiql: false,
  landingPage: false,
  plugins: (context) => [useOpenTelemetry({ ...context, traces: true })],
});
const server = createServer(runtime).listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`msg=serving url=http://127.0.0.1:${server.address().port}/graphql`);
await once(process, "SIGTERM");
server.closeAllConnections();
server.close();
await runtime[Symbol.asyncDispose]();
process.exit();
