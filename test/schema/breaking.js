// What of a new SDL breaks those who rely on an old one.
import { findBreakingChanges, parse } from "graphql";
import { apiSchema } from "./schema.js";

/**
 * The changes from one SDL to another that break clients (what graphql-js calls breaking:
 * removed or narrowed fields, new required arguments and so on) or other subgraphs (a key
 * by which they refer to our types, a field that they share). Each is a sentence.
 */
export function breakingChanges(before, after) {
  return [
    ...findBreakingChanges(apiSchema(before), apiSchema(after)).map((change) => change.description),
    ...lost(before, after, "key", (type, fields) => `${type} lost its key ${fields}.`),
    ...lost(before, after, "shareable", (type) => `${type} is not shareable any more.`),
  ];
}

function lost(before, after, directive, say) {
  const remaining = applications(after, directive);
  return [...applications(before, directive)]
    .filter(([place]) => !remaining.has(place))
    .map(([, [type, argument]]) => say(type, argument));
}

/** Where a directive stands on types: the place by name, as type and first argument. */
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
