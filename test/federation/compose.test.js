// The schema composes, with the composers of Apollo, Hive and Cosmo.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { composeServices as composeByApollo } from "@apollo/composition";
import { ROUTER_COMPATIBILITY_VERSION_ONE, federateSubgraphs } from "@wundergraph/composition";
import { buildSchema, findBreakingChanges, getNamedType, isLeafType, isObjectType, parse, print } from "graphql";
import { compose, composeByHive, subgraphs } from "../../examples/supergraph/compose.js";

const urls = { atlasRestore: "http://atlas-restore/graphql", inventory: "http://inventory/graphql" };
const [atlasRestore, inventory] = subgraphs(urls);

/** Returns the schema of a supergraph, for a comparison of types. */
const schemaOf = (supergraph) => buildSchema(supergraph, { assumeValidSDL: true });
const ofClients = ({ description }) => !/join__|link__/.test(description);

const withActions = {
  ...atlasRestore, typeDefs: parse(readFileSync(new URL("../../schema/actions/subgraph.graphql", import.meta.url), "utf8")),
};

const compositions = {
  "the gateway only": [atlasRestore],
  "the gateway with actions, and the inventory": [withActions, inventory],
  "the gateway and the inventory": [atlasRestore, inventory],
  "the gateway beside a graph with lists, projects and clusters of its own": [atlasRestore, inventory, {
    name: "planning", url: "http://planning/graphql", typeDefs: parse(`
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
      type Query { plans(first: Int, after: String): PlanConnection tasks: [Project!] }
      type PlanConnection { edges: [PlanEdge!]! pageInfo: PageInfo! }
      type PlanEdge { cursor: String! node: Project! }
      type Project @key(fields: "id") { id: ID! title: String! cluster: Cluster link: Link tags: [Tag!] snapshot: Snapshot }
      type Cluster @key(fields: "id") { id: ID! region: String! }
      type Snapshot { taken: String! }
      type Link { url: String! }
      type Tag { text: String! }
      type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    `),
  }],
  "the gateway beside a graph that refers to jobs of one tier": [atlasRestore, {
    name: "runbooks", url: "http://runbooks/graphql", typeDefs: parse(`
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
      type Query { drills: [FlexRestoreJob]! drilled: AtlasSnapshot organisation: AtlasProject }
      type FlexRestoreJob @key(fields: "groupId clusterName id") { groupId: ObjectID! clusterName: ClusterName! id: ID! drill: String }
      type AtlasSnapshot @key(fields: "groupId clusterName id", resolvable: false) { groupId: ObjectID! clusterName: ClusterName! id: ID! }
      type AtlasProject @key(fields: "id") { id: ID! owner: String }
      scalar ObjectID
      scalar ClusterName
    `),
  }],
};

for (const [name, services] of Object.entries(compositions)) {
  test(`composes ${name}`, () => {
    const apollo = composeByApollo(services);
    assert.deepEqual(apollo.errors?.map(String) ?? [], []);
    // The owner of a graph would have to deal with a hint or a warning.
    assert.deepEqual(apollo.hints.map(String), []);
    const cosmo = federateSubgraphs({
      subgraphs: services.map(({ typeDefs, ...service }) => ({ ...service, definitions: typeDefs })),
      version: ROUTER_COMPATIBILITY_VERSION_ONE,
    });
    assert.deepEqual(cosmo.errors?.map(String) ?? [], []);
    assert.deepEqual(cosmo.warnings.map(String), []);
    const hive = composeByHive(services);
    assert.deepEqual(findBreakingChanges(schemaOf(apollo.supergraphSdl), schemaOf(hive)).filter(ofClients), []);
    assert.deepEqual(findBreakingChanges(schemaOf(hive), schemaOf(apollo.supergraphSdl)).filter(ofClients), []);
  });
}

test("a root field that another team has, too, can be deleted from the SDL that is published", () => {
  const other = { name: "planning", url: "http://planning/graphql", typeDefs: parse("type Query { project(id: ID!): Plan } type Plan { id: ID! }") };
  const codes = (services) => composeByApollo(services).errors?.map(({ extensions }) => extensions.code) ?? [];
  assert.ok(codes([atlasRestore, other]).includes("INVALID_FIELD_SHARING"));
  const { typeDefs } = atlasRestore;
  const without = {
    ...typeDefs,
    definitions: typeDefs.definitions.map((type) =>
      type.name?.value === "Query" ? { ...type, fields: type.fields.filter(({ name }) => name.value !== "project") } : type),
  };
  assert.deepEqual(codes([{ ...atlasRestore, typeDefs: without }, other]), []);
  assert.doesNotThrow(() => composeByHive([{ ...atlasRestore, typeDefs: without }, other]));
});

test("costs, sizes and tags reach the supergraph", () => {
  for (const supergraph of [compose(urls), composeByApollo(subgraphs(urls)).supergraphSdl]) {
    const fields = schemaOf(supergraph).getType("Query").getFields();
    const directives = (node) => node.directives.map(({ name }) => name.value);
    assert.ok(directives(fields.serverlessRestoreJobs.astNode).includes("cost"));
    assert.ok(directives(fields.serverlessRestoreJobs.astNode).includes("listSize"));
    assert.ok(directives(schemaOf(supergraph).getType("FlexRestoreJob").getFields().snapshotUrl.astNode).includes("tag"));
  }
});

test("types and fields that need a permission declare it in the supergraph, the interface included", () => {
  for (const supergraph of [compose(urls), composeByApollo(subgraphs(urls)).supergraphSdl]) {
    const schema = schemaOf(supergraph);
    const permissionsOf = (node) => [
      node.directives.some(({ name }) => name.value === "authenticated"),
      ...node.directives.filter(({ name }) => name.value === "requiresScopes").map(({ arguments: [scopes] }) => print(scopes.value)),
    ];
    for (const type of ["RestoreJob", "ServerlessRestoreJob", "FlexRestoreJob", "DedicatedRestoreJob", "AtlasSnapshot", "AtlasCluster", "AtlasProject"]) {
      assert.deepEqual(permissionsOf(schema.getType(type).astNode), [true, '[["jobs:read"]]'], type);
    }
    for (const [type, field] of [["RestoreJob", "deliveryUrl"], ["FlexRestoreJob", "snapshotUrl"], ["RestoreJobComponent", "downloadUrl"], ["PrivateDownloadUrl", "deliveryUrl"]]) {
      assert.deepEqual(permissionsOf(schema.getType(type).getFields()[field].astNode), [true, '[["downloads:read"]]'], `${type}.${field}`);
    }
    // A leaf field with the tag is a download URL.
    for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      for (const { name, astNode, type: of } of Object.values(type.getFields())) {
        if (!astNode?.directives.some((d) => d.name.value === "tag" && print(d).includes("\"download\"")) || !isLeafType(getNamedType(of))) continue;
        assert.deepEqual(permissionsOf(astNode), [true, '[["downloads:read"]]'], `${type.name}.${name}`);
      }
    }
    for (const [name, { astNode }] of Object.entries(schema.getType("Query").getFields())) {
      if (!name.startsWith("service")) assert.deepEqual(permissionsOf(astNode), [true, '[["jobs:read"]]'], name);
    }
  }
});
