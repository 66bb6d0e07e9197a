// Fails when the schema breaks clients or subgraphs of the last release. Each release leaves its SDL in
// schema/released/<version>.graphql.
import { existsSync, readdirSync } from "node:fs";
import { breakingChanges } from "./breaking.js";
import { root, sourceOf, withActions } from "./schema.js";

const folder = "schema/released/";
const numbers = (file) => file.split(".").slice(0, 3).map(Number);
const newestFirst = (a, b) => {
  const [x, y] = [numbers(a), numbers(b)];
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
};

const releases = existsSync(root + folder) ? readdirSync(root + folder).filter((f) => /^\d+\.\d+\.\d+\.graphql$/.test(f)) : [];
if (releases.length === 0) {
  console.log("schema: there is no release yet, so nothing can break");
  process.exit(0);
}
const last = releases.sort(newestFirst)[0];
const changes = breakingChanges(sourceOf(folder + last), withActions());
for (const change of changes) console.error(`schema: breaks ${last}: ${change}`);
console.log(`schema: ${changes.length} breaking changes since ${last}`);
process.exit(changes.length > 0 ? 1 : 0);
