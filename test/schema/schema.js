// Reads the schema, and derives the API schema from it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GraphQLSchema, buildASTSchema, parse, printSchema, specifiedDirectives } from "graphql";

/** The root of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The text of a file, by its path from the root. */
export const sourceOf = (path) => readFileSync(root + path, "utf8");

/** The SDL of a gateway with --actions. */
export const withActions = () => sourceOf("graph/schema.graphqls") + "\n" + sourceOf("graph/actions.graphqls");

/**
 * Returns the API schema of an SDL: the schema without the directives for composition. The SDL is not validated, because
 * it does not define the directives that it imports by @link.
 */
export function apiSchema(sdl) {
  const schema = buildASTSchema(parse(sdl), { assumeValidSDL: true });
  return new GraphQLSchema({ ...schema.toConfig(), directives: specifiedDirectives });
}

/** The SDL without the directives of authorization, as --no-sdl-authorization serves it. */
export const withoutAuthorization = (sdl) =>
  sdl.replace(/ @authenticated\b| @requiresScopes\(scopes: \[\["[a-z:]+"\]\]\)|"@(authenticated|requiresScopes)", /g, "");

/** The API schema in SDL. */
export const printAPI = (sdl) => printSchema(apiSchema(sdl)) + "\n";
