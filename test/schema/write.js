// Writes schema/: the SDL of the subgraph, which _service returns and which is published, and the API schema, for
// clients.
import { writeFileSync } from "node:fs";
import { printAPI, root, sourceOf } from "./schema.js";

const sdl = sourceOf("graph/schema.graphqls");
writeFileSync(root + "schema/subgraph.graphql", sdl);
writeFileSync(root + "schema/api.graphql", printAPI(sdl));
