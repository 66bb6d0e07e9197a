// The schema as clients and as composition see it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GraphQLSchema, buildASTSchema, parse, printSchema, specifiedDirectives } from "graphql";

/** The root of the project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The text of a file, by its path from the root. */
export const sourceOf = (path) => readFileSync(root + path, "utf8");

/**
 * The schema that an SDL means to its clients: without the directives that are for
 * composition. What the SDL imports by @link is not defined in it, so it is taken on trust.
 */
export function apiSchema(sdl) {
  const schema = buildASTSchema(parse(sdl), { assumeValidSDL: true });
  return new GraphQLSchema({ ...schema.toConfig(), directives: specifiedDirectives });
}

/** The API schema in SDL. */
export const printAPI = (sdl) => printSchema(apiSchema(sdl)) + "\n";
