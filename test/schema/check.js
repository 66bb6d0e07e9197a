// Fails when the schema breaks clients of a release, or when the changelog does not name what they may not know.
import { objections, present, releases } from "./releases.js";
import { sourceOf } from "./schema.js";

const released = releases();
if (released.length === 0) throw new Error("schema/released has no schema, so nothing is held");
const found = await objections(released, present(), sourceOf("CHANGELOG.md"));
for (const objection of found) console.error(`schema: ${objection}.`);
if (found.length === 0) console.log(`schema: breaks no client of ${released.map(({ version }) => version).join(", ")}`);
process.exitCode = found.length > 0 ? 1 : 0;
