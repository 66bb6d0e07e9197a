// Finds the changes from one schema to another, and what they do to clients and other subgraphs.
import { diff } from "@graphql-inspector/core";
import { buildSchema, parse, print } from "graphql";
import { printAPI } from "./schema.js";

export const BREAKING = "BREAKING";
export const DANGEROUS = "DANGEROUS";
export const NON_BREAKING = "NON_BREAKING";

/**
 * Returns the changes from one SDL of the subgraph to another, each with its level, its path (such as Type.field) and a
 * message. graphql-inspector compares the API schemas. Descriptions do not count, and what belongs to something new is
 * not listed by itself.
 *
 * BREAKING are changes with which an operation, or the composition with another subgraph, that worked fails. DANGEROUS
 * are those with which clients can get what they do not know, or need rights that they did not need.
 */
export async function changesBetween(before, after) {
  const [from, to] = [buildSchema(printAPI(before)), buildSchema(printAPI(after))];
  const all = (await diff(from, to))
    .filter(({ type }) => !type.includes("_DESCRIPTION_"))
    // What deprecates a field or value is reported as that, too.
    .filter(({ type, path }) => !(type.startsWith("DIRECTIVE_USAGE_") && path?.includes("@deprecated")));
  const added = all.filter(({ type }) => type === "TYPE_ADDED" || type === "FIELD_ADDED").map(({ path }) => path);
  const changes = all.map((change) => ({ level: levelOf(change, from), path: change.path ?? "schema", message: change.message }));
  return [
    ...changes.filter(({ level, path }) => level !== NON_BREAKING || !added.some((whole) => path.startsWith(`${whole}.`))),
    ...changesOfComposition(directivesOf(before), directivesOf(after)),
  ];
}

/** Returns the level of a change, which is graphql-inspector's but in two cases. */
function levelOf({ type, meta, criticality }, before) {
  // To a client that handles every type of an interface, a new type is as unknown as an old one that implements it now.
  if (type === "OBJECT_TYPE_INTERFACE_ADDED" && before.getType(meta.addedInterfaceName)) return DANGEROUS;
  // What may be left out changes nothing for a client that does not know it.
  if (criticality.level === DANGEROUS && (type === "FIELD_ARGUMENT_ADDED" || type === "INPUT_FIELD_ADDED")) return NON_BREAKING;
  return criticality.level;
}

/**
 * Returns the changes of directives that composers and routers read. graphql-inspector knows neither what they mean, nor
 * that an argument tells the applications of a repeatable one apart.
 */
function changesOfComposition(before, after) {
  const changes = [];
  for (const [path, old] of before) {
    const now = after.get(path);
    if (!now) continue; // reported as removed
    for (const text of old.filter((text) => /^@(key|shareable)\b/.test(text) && !now.includes(text))) {
      changes.push({ level: BREAKING, path, message: `'${path}' lost ${text}, on which other subgraphs rely` });
    }
    for (const text of now.filter((text) => /^@(inaccessible|external)\b/.test(text) && !old.includes(text))) {
      changes.push({ level: BREAKING, path, message: `'${path}' has ${text} now, with which routers do not serve it` });
    }
    for (const text of now.filter((text) => /^@(authenticated|requiresScopes)\b/.test(text) && !old.includes(text))) {
      changes.push({ level: DANGEROUS, path, message: `'${path}' has ${text} now, which routers enforce` });
    }
  }
  return changes;
}

/** Returns the directives of each type, field and value of an SDL, by its path. */
function directivesOf(sdl) {
  const found = new Map();
  const add = (path, node) => found.set(path, [...(found.get(path) ?? []), ...(node.directives ?? []).map(print)]);
  for (const definition of parse(sdl).definitions) {
    if (!definition.name || definition.kind === "DirectiveDefinition") continue;
    add(definition.name.value, definition);
    for (const member of [...(definition.fields ?? []), ...(definition.values ?? [])]) {
      add(`${definition.name.value}.${member.name.value}`, member);
    }
  }
  return found;
}
