// Writes schema/: the SDL of the subgraph, as _service answers it and as it is published,
// and the API schema, as clients see it.
import { writeFileSync } from "node:fs";
import { printAPI, root, sourceOf } from "./schema.js";

const sdl = sourceOf("graph/schema.graphqls");
writeFileSync(root + "schema/subgraph.graphql", sdl);
writeFileSync(root + "schema/api.graphql", printAPI(sdl));
