// Writes schema/: the SDL of the subgraph, which _service returns and which is published, with and without the directives
// of authorization, and the API schema, for clients.
import { writeFileSync } from "node:fs";
import { printAPI, root, sourceOf, withoutAuthorization } from "./schema.js";

const sdl = sourceOf("graph/schema.graphqls");
writeFileSync(root + "schema/subgraph.graphql", sdl);
writeFileSync(root + "schema/subgraph-without-authorization.graphql", withoutAuthorization(sdl));
writeFileSync(root + "schema/api.graphql", printAPI(sdl));
