// Finds the changes from one SDL to another that break clients or other subgraphs.
import { findBreakingChanges, parse } from "graphql";
import { apiSchema } from "./schema.js";

/**
 * Returns the changes from one SDL to another that break clients (breaking changes of graphql-js: removed or narrowed
 * fields, new required arguments and so on) or other subgraphs (a lost key or @shareable). Each is a sentence.
 */
export function breakingChanges(before, after) {
  return [
    ...findBreakingChanges(apiSchema(before), apiSchema(after)).map((change) => change.description),
    ...lost(before, after, "key", (type, fields) => `${type} lost its key ${fields}.`),
    ...lost(before, after, "shareable", (type) => `${type} is not shareable any more.`),
  ];
}

/** Describes the applications of a directive that are missing after. */
function lost(before, after, directive, describe) {
  const remaining = applications(after, directive);
  return [...applications(before, directive)]
    .filter(([place]) => !remaining.has(place))
    .map(([, [type, argument]]) => describe(type, argument));
}

/** Returns the applications of a directive to types, each as type and first argument, by both. */
function applications(sdl, directive) {
  const found = new Map();
  for (const definition of parse(sdl).definitions) {
    for (const applied of definition.directives ?? []) {
      if (applied.name.value === directive && definition.name) {
        const argument = applied.arguments?.[0]?.value.value ?? "";
        found.set(`${definition.name.value} ${argument}`, [definition.name.value, argument]);
      }
    }
  }
  return found;
}
