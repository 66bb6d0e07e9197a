// The schemas that were released, and what a new one may not do to them.
import { existsSync, readdirSync } from "node:fs";
import { BREAKING, DANGEROUS, NON_BREAKING, changesBetween } from "./compare.js";
import { root, sourceOf, withActions } from "./schema.js";

/** The folder of the released schemas: of each version the SDL of the subgraph, and below actions/ that with --actions. */
export const folder = "schema/released/";

const inOrder = (a, b) => a.localeCompare(b, "en", { numeric: true });

/** The present schema. */
export const present = () => ({ sdl: sourceOf("graph/schema.graphqls"), actions: withActions() });

/** Returns the released schemas, oldest first. */
export function releases() {
  const versionsIn = (path) =>
    existsSync(root + path) ? readdirSync(root + path).flatMap((file) => /^(\d+\.\d+\.\d+)\.graphql$/.exec(file)?.[1] ?? []).sort(inOrder) : [];
  return versionsIn(folder).map((version) => ({
    version,
    sdl: sourceOf(`${folder}${version}.graphql`),
    actions: sourceOf(`${folder}actions/${version}.graphql`),
  }));
}

/** Returns the newest release before a version, which may have a suffix such as -rc.1; undefined where there is none. */
const releaseBefore = (version, all) => all.filter((one) => inOrder(one.version, version.split("-")[0]) < 0).at(-1);

/** Returns the changes between two schemas, without and with actions, each of them once. */
export async function changesOf(before, after) {
  const found = new Map();
  for (const which of ["sdl", "actions"]) {
    for (const change of await changesBetween(before[which], after[which])) found.set(change.message, change);
  }
  return [...found.values()];
}

/**
 * Returns what stands against a schema, in sentences: changes that break clients of any release, and dangerous changes
 * since the newest one that the changelog does not name above that release.
 */
export async function objections(released, schema, changelog) {
  const found = [];
  for (const release of released) {
    for (const { level, message } of await changesOf(release, schema)) {
      if (level === BREAKING) {
        found.push(`this breaks clients of ${release.version}: ${message}. Leave what they use as it was, and mark it @deprecated ` +
          'where it has a successor (CONTRIBUTING.md, "Change the schema")');
      }
    }
  }
  const newest = released.at(-1);
  if (!newest) return found;
  const heading = changelog.search(new RegExp(`^## ${newest.version.replaceAll(".", "\\.")}\\b`, "m"));
  if (heading < 0) return [...found, `CHANGELOG.md has no heading "## ${newest.version}", though ${folder} has that release`];
  for (const { level, path, message } of await changesOf(newest, schema)) {
    if (level === DANGEROUS && !changelog.slice(0, heading).includes(`\`${path}\``)) {
      found.push(`clients of ${newest.version} may not know this: ${message}. Name \`${path}\` in CHANGELOG.md, under "Unreleased", ` +
        "and say what clients must do");
    }
  }
  return found;
}

/** Returns the changes of the schema from the release before a version to it, in Markdown. */
export async function changelogOf(version, all = releases(), unreleased = present()) {
  const before = releaseBefore(version, all);
  if (!before) return `# GraphQL schema of ${version}\n\n${version} is the first release, so there is nothing to compare its schema with.\n`;
  const changes = await changesOf(before, all.find((one) => one.version === version) ?? unreleased);
  let text = `# Changes of the GraphQL schema from ${before.version} to ${version}\n`;
  if (changes.length === 0) return `${text}\nThe schema did not change, but for descriptions.\n`;
  for (const [level, title] of [
    [BREAKING, "Breaking: clients fail that use this"],
    [DANGEROUS, "Clients may have to handle this"],
    [NON_BREAKING, "Added and deprecated"],
  ]) {
    const lines = changes.filter((change) => change.level === level).map(({ message }) => `- ${message.replaceAll(/'([^']+)'/g, "`$1`")}.\n`);
    if (lines.length > 0) text += `\n## ${title}\n\n${lines.sort().join("")}`;
  }
  return text;
}
