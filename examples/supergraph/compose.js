// Composes two subgraphs into one supergraph.
import { readFileSync } from "node:fs";
import { composeServices } from "@theguild/federation-composition";
import { parse, visit } from "graphql";
import { typeDefs } from "./inventory.js";

/** The subgraphs, with the URLs at which the router reaches them. */
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
 * Removes the directives of permissions from subgraphs, for routers that reject a supergraph with them, such as Apollo
 * Gateway, the library for Node. The Atlas Restore Gateway enforces its policy in any case.
 */
export const withoutAuthorization = (services) => services.map((service) => ({
  ...service,
  typeDefs: visit(service.typeDefs, {
    Directive: ({ name }) => (authorization.includes(name.value) ? null : undefined),
    StringValue: ({ value }) => (authorization.includes(value.slice(1)) && value.startsWith("@") ? null : undefined),
  }),
}));

/** Composes the two subgraphs, and returns the SDL of the supergraph. */
export const compose = (urls) => composeByHive(subgraphs(urls));

/** Composes any subgraphs by Hive's composer, and returns the SDL of the supergraph. */
export function composeByHive(services) {
  const { supergraphSdl, errors } = composeServices(services);
  if (errors?.length) throw new Error(errors.map((error) => error.message).join("\n"));
  return supergraphSdl;
}
