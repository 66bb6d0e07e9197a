// Tests that the checks of the schema find what they check.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ESLint } from "eslint";
import { breakingChanges } from "./breaking.js";
import { printAPI, root, sourceOf, withoutAuthorization } from "./schema.js";

const sdl = sourceOf("graph/schema.graphqls");

/** Returns the SDL with one change. Fails if the text to replace is not in it. */
function changed(from, to) {
  const after = sdl.replace(from, to);
  assert.notEqual(after, sdl, `the schema has no ${from}`);
  return after;
}

test("the same SDL has no breaking change", () => assert.deepEqual(breakingChanges(sdl, sdl), []));

for (const [name, from, to, want] of [
  ["a removed field", /"When the project was created\."\n  created: DateTime\n/, "", /AtlasProject\.created was removed/],
  ["a removed type", /\bBSONTimestamp\b/g, "Other", /BSONTimestamp was removed/],
  ["a removed value", /"Accepted\."\n  PENDING\n/, "", /PENDING was removed/],
  ["a field that is nullable now", "\n  hasNextPage: Boolean!\n", "\n  hasNextPage: Boolean\n", /PageInfo\.hasNextPage changed type/],
  ["a field of another type", "\n  clusterCount: Long\n", "\n  clusterCount: Int\n", /AtlasProject\.clusterCount changed type/],
  ["a new required argument", "    restoreJobId: ObjectID!\n  ): FlexRestoreJob ", "    restoreJobId: ObjectID!\n    reason: String!\n  ): FlexRestoreJob ", /required arg reason on Query\.flexRestoreJob was added/],
  ["an argument that is required now", "    after: String\n  ): ServerlessRestoreJobConnection ", "    after: String!\n  ): ServerlessRestoreJobConnection ", /Query\.serverlessRestoreJobs arg after has changed type/],
  ["an interface that is gone", "type FlexRestoreJob implements RestoreJob ", "type FlexRestoreJob ", /FlexRestoreJob no longer implements interface RestoreJob/],
  ["a key that is gone", "type AtlasCluster @key(fields: \"groupId name\") ", "type AtlasCluster ", /AtlasCluster lost its key groupId name/],
  ["another key", "@key(fields: \"id\")", "@key(fields: \"id name\")", /AtlasProject lost its key id\./],
  ["a type that is not shareable any more", "type PageInfo @shareable ", "type PageInfo ", /PageInfo is not shareable/],
]) {
  test(`${name} is a breaking change`, () => assert.match(breakingChanges(sdl, changed(from, to)).join("\n"), want));
}

for (const [name, from, to] of [
  ["a new field", "\n  clusterCount: Long\n", "\n  clusterCount: Long\n  more: Int\n"],
  ["a new optional argument", "    restoreJobId: ObjectID!\n  ): FlexRestoreJob ", "    restoreJobId: ObjectID!\n    reason: String\n  ): FlexRestoreJob "],
  ["a new type", "type BSONTimestamp ", "type Other { id: ID! }\n\ntype BSONTimestamp "],
  ["a new key", "type AtlasCluster @key(fields: \"groupId name\") ", "type AtlasCluster @key(fields: \"groupId name\") @key(fields: \"id\") "],
]) {
  test(`${name} is not a breaking change`, () => assert.deepEqual(breakingChanges(sdl, changed(from, to)), []));
}

test("the SDL without authorization has no directive of it, and is the same otherwise", () => {
  const plain = withoutAuthorization(sdl);
  assert.doesNotMatch(plain, /authenticated|requiresScopes/);
  assert.equal(printAPI(plain), printAPI(sdl));
});

test("the API schema has no directive or type of composition", () => {
  assert.doesNotMatch(printAPI(sdl), /@(link|key|shareable|tag|cost|listSize|authenticated|requiresScopes)|_Any|_Entity/);
});

test("each rule reports a schema that violates it", async () => {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: root + "test/schema/eslint.config.js" });
  const rulesBroken = async (text) => {
    const [result] = await eslint.lintText(text, { filePath: root + "graph/schema.graphqls" });
    return new Set(result.messages.map((message) => message.ruleId));
  };
  assert.deepEqual(await rulesBroken(sdl), new Set());
  const broken = await rulesBroken(`type Thing { thingId: ID NAME: String @unheard } type ThingConnection { edges: String }`);
  for (const rule of ["require-description", "strict-id-in-types", "no-typename-prefix", "known-directives", "naming-convention", "relay-connection-types"]) {
    assert.ok(broken.has(`@graphql-eslint/${rule}`), `${rule} found nothing`);
  }
});
