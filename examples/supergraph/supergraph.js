// Serves the supergraph until it is interrupted. Its Atlas Restore Gateway is the program that the argument names, in
// demo mode, or the gateway at ATLAS_RESTORE_URL.
import { once } from "node:events";
import { compose } from "./compose.js";
import { startDemo } from "./demo.js";
import { inventory } from "./inventory.js";
import { router } from "./router.js";

const { ATLAS_RESTORE_URL = "http://127.0.0.1:8080/graphql", INVENTORY_PORT = 4001, ROUTER_PORT = 4000 } = process.env;
const query = "{ services { name team clusters { name tier restoreJobs(first: 2) { nodes { id state snapshot { status } } } } restores { id state ticket } } }";

async function listen(server, port) {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/graphql`;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit());
const [program] = process.argv.slice(2);
const atlasRestore = program ? (await startDemo(program, "--listen", "127.0.0.1:0")).url : ATLAS_RESTORE_URL;
const supergraph = compose({ atlasRestore, inventory: await listen(inventory(), INVENTORY_PORT) });
const url = await listen(router(supergraph), ROUTER_PORT);
console.log(`The supergraph is at ${url}. Query it by curl:

  curl ${url} -H 'Content-Type: application/json' -d '{"query":"${query}"}'
`);
