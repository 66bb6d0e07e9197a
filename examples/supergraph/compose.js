// Composition: two subgraphs become one supergraph.
import { readFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse, visit } from "graphql";
import { typeDefs } from "./inventory.js";

/** The subgraphs, with where the router finds them. */
export const subgraphs = (urls) => [
  {
    name: "atlas-restore",
    url: urls.atlasRestore,
    typeDefs: parse(readFileSync(new URL("../../schema/subgraph.graphql", import.meta.url), "utf8")),
  },
  { name: "inventory", url: urls.inventory, typeDefs: parse(typeDefs) },
];

const authorization = ["authenticated", "requiresScopes"];

/**
 * Subgraphs that do not say who may see what, for routers that take no such supergraph: Apollo
 * Gateway, the library for Node, is one. The Atlas Restore Gateway asks for itself.
 */
export const withoutAuthorization = (services) => services.map((service) => ({
  ...service,
  typeDefs: visit(service.typeDefs, {
    Directive: ({ name }) => (authorization.includes(name.value) ? null : undefined),
    StringValue: ({ value }) => (authorization.includes(value.slice(1)) && value.startsWith("@") ? null : undefined),
  }),
}));

/** The SDL of the supergraph of the two. */
export const compose = (urls) => composeByHive(subgraphs(urls));

/** The SDL of the supergraph of any subgraphs, by Hive's composer. */
export function composeByHive(services) {
  const { supergraphSdl, errors } = composeServices(services);
  if (errors?.length) throw new Error(errors.map((error) => error.message).join("\n"));
  return supergraphSdl;
}
