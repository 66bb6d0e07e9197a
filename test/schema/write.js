// Writes schema/: the SDL of the subgraph, which _service returns and which is published, with and without the directives
// of authorization, and the API schema, for clients; below schema/actions/ the same of a gateway with --actions.
import { mkdirSync, writeFileSync } from "node:fs";
import { printAPI, root, sourceOf, withActions, withoutAuthorization } from "./schema.js";

mkdirSync(root + "schema/actions", { recursive: true });
for (const [folder, sdl] of [["schema/", sourceOf("graph/schema.graphqls")], ["schema/actions/", withActions()]]) {
  writeFileSync(root + folder + "subgraph.graphql", sdl);
  writeFileSync(root + folder + "subgraph-without-authorization.graphql", withoutAuthorization(sdl));
  writeFileSync(root + folder + "api.graphql", printAPI(sdl));
}
