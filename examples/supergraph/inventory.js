// The inventory: the services that a company runs, and the clusters that hold their data. It refers to clusters and
// restore jobs by their keys, and adds fields to them.
import { createServer } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { createYoga } from "graphql-yoga";

export const typeDefs = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@interfaceObject", "@key"])

  type Query {
    "The services that the company runs."
    services: [Service!]!
    "One service."
    service(name: String!): Service
  }

  "A service that the company runs."
  type Service @key(fields: "name") {
    name: String!
    "The team that answers for it."
    team: String!
    "The clusters that hold its data. One that Atlas no longer has is null."
    clusters: [AtlasCluster]!
    "The restores that were done for it, in any tier."
    restores: [RestoreJob]!
  }

  type AtlasCluster @key(fields: "groupId name") {
    groupId: ObjectID!
    name: ClusterName!
    "The service whose data the cluster holds."
    service: Service
  }

  type RestoreJob @key(fields: "groupId clusterName id") @interfaceObject {
    groupId: ObjectID!
    clusterName: ClusterName!
    id: ID!
    "The ticket that the restore was done for."
    ticket: String
  }

  scalar ObjectID
  scalar ClusterName
`;

// These clusters and jobs exist in demo mode.
const groupId = "63f3484e1f3a9b27c6000001";
const restored = (clusterName, id, ticket) => ({ groupId, clusterName, id, ticket });
const demoServices = [
  {
    name: "checkout", team: "payments", clusters: ["orders", "billing"],
    restores: [restored("orders", "67ebae01a6713bc8f4000000", "OPS-17"), restored("billing", "67ed196d71e8b30f96000000", "OPS-23")],
  },
  { name: "shop", team: "storefront", clusters: ["catalog"], restores: [restored("catalog", "67fa3f732c94d7a05e000000", "OPS-31")] },
  { name: "insight", team: "data", clusters: ["reporting", "returns"], restores: [] },
];

const resolversOf = (services) => ({
  Query: {
    services: () => services,
    service: (_, { name }) => services.find((service) => service.name === name),
  },
  Service: {
    __resolveReference: ({ name }) => services.find((service) => service.name === name),
    clusters: (service) => service.clusters.map((name) => ({ groupId, name })),
  },
  AtlasCluster: {
    service: (cluster) => services.find(({ clusters }) => cluster.groupId === groupId && clusters.includes(cluster.name)),
  },
  RestoreJob: {
    ticket: (job) => services.flatMap(({ restores }) => restores).find(({ id }) => id === job.id)?.ticket,
  },
});

/** Returns an HTTP server of the inventory, which does not listen yet. */
export function inventory(services = demoServices) {
  const schema = buildSubgraphSchema({ typeDefs: parse(typeDefs), resolvers: resolversOf(services) });
  return createServer(createYoga({ schema, logging: false }));
}
