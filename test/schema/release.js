// Copies the published schema to schema/released, as that of a version, which check.js holds from then on.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { folder } from "./releases.js";
import { root } from "./schema.js";

const version = process.argv[2];
if (!/^\d+\.\d+\.\d+$/.test(version)) {
  console.error(`A release is MAJOR.MINOR.PATCH, and not ${version}: make record-release VERSION=1.2.3`);
  process.exit(1);
}
const tags = execFileSync("git", ["tag", "--list", `v${version}`], { cwd: root, encoding: "utf8" });
if (tags.trim() !== "") {
  console.error(`${version} is released (tag v${version}): its schema stays as it is. Choose the next version.`);
  process.exit(1);
}
mkdirSync(`${root}${folder}actions`, { recursive: true });
copyFileSync(`${root}schema/subgraph.graphql`, `${root}${folder}${version}.graphql`);
copyFileSync(`${root}schema/actions/subgraph.graphql`, `${root}${folder}actions/${version}.graphql`);
