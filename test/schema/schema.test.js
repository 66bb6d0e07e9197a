// Tests that the checks of the schema find what they check.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ESLint } from "eslint";
import { BREAKING, DANGEROUS, NON_BREAKING, changesBetween } from "./compare.js";
import { changelogOf, objections, releases } from "./releases.js";
import { printAPI, root, sourceOf, withoutAuthorization } from "./schema.js";

const sdl = sourceOf("graph/schema.graphqls");

/** Returns the SDL with one change. Fails if the text to replace is not in it. */
function changed(from, to, before = sdl) {
  const after = before.replace(from, to);
  assert.notEqual(after, before, `the schema has no ${from}`);
  return after;
}

test("the same SDL has no change", async () => assert.deepEqual(await changesBetween(sdl, sdl), []));

// The input types and the union of this test, because not each kind is in the schema.
const kinds = `
  input JobFilter { state: String = "PENDING" tag: String }
  union Found = AtlasProject | AtlasCluster
  extend type Query { find(filter: JobFilter, first: Int = 10): [Found!] }
  directive @oneOf on INPUT_OBJECT`;

for (const { name, from, to, want, of = sdl } of [
  { name: "a removed field", from: /"When the project was created\."\n  created: DateTime\n/, to: "", want: /'created' was removed from object type 'AtlasProject'/ },
  { name: "a removed type", from: /\bBSONTimestamp\b/g, to: "Other", want: /'BSONTimestamp' was removed/ },
  { name: "a removed value", from: /"Accepted\."\n  PENDING\n/, to: "", want: /'PENDING' was removed from enum/ },
  { name: "a removed argument", from: / *"[^"]*"\n    after: String\n(?=  \): ServerlessRestoreJobConnection )/, to: "", want: /'after: String' was removed from field 'Query\.serverlessRestoreJobs'/ },
  { name: "a removed root field", from: "  organization(", to: "  anOrganization(", want: /'organization' was removed from object type 'Query'/ },
  { name: "a removed input field", of: sdl + kinds, from: " tag: String }", to: " }", want: /'tag' was removed from input object type 'JobFilter'/ },
  { name: "a removed member of a union", of: sdl + kinds, from: "AtlasProject | AtlasCluster", to: "AtlasProject", want: /'AtlasCluster' was removed from Union type 'Found'/ },
  { name: "a type of another kind", from: /^enum RestoreJobState \{[^}]*\}/m, to: "scalar RestoreJobState", want: /'RestoreJobState' kind changed/ },
  { name: "a field that is nullable now", from: "\n  hasNextPage: Boolean!\n", to: "\n  hasNextPage: Boolean\n", want: /'PageInfo\.hasNextPage' changed type/ },
  { name: "a field of another type", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Int\n", want: /'AtlasProject\.clusterCount' changed type/ },
  { name: "a list whose elements are nullable now", of: sdl + kinds, from: "[Found!]", to: "[Found]", want: /'Query\.find' changed type/ },
  { name: "a new required argument", from: "    restoreJobId: ObjectID!\n  ): FlexRestoreJob ", to: "    restoreJobId: ObjectID!\n    reason: String!\n  ): FlexRestoreJob ", want: /'reason: String!' added to field 'Query\.flexRestoreJob'/ },
  { name: "an argument that is required now", from: "    after: String\n  ): ServerlessRestoreJobConnection ", to: "    after: String!\n  ): ServerlessRestoreJobConnection ", want: /'after' on field 'Query\.serverlessRestoreJobs' changed from 'String' to 'String!'/ },
  { name: "a new required input field", of: sdl + kinds, from: " tag: String }", to: " tag: String more: Int! }", want: /'more' of type 'Int!' was added to input object type 'JobFilter'/ },
  { name: "an input field that is required now", of: sdl + kinds, from: " tag: String }", to: " tag: String! }", want: /'JobFilter\.tag' changed type/ },
  { name: "an input of which one field is allowed now", of: sdl + kinds, from: /input JobFilter \{.*\}/, to: "input JobFilter @oneOf { state: String tag: String }", want: /'oneOf' was added/ },
  { name: "an interface that is gone", from: "type FlexRestoreJob implements RestoreJob ", to: "type FlexRestoreJob ", want: /'FlexRestoreJob' object type no longer implements 'RestoreJob'/ },
  { name: "a key that is gone", from: "type AtlasCluster @key(fields: \"groupId name\") ", to: "type AtlasCluster ", want: /'AtlasCluster' lost @key\(fields: "groupId name"\)/ },
  { name: "another key", from: "@key(fields: \"id\")", to: "@key(fields: \"id name\")", want: /'AtlasProject' lost @key\(fields: "id"\)/ },
  { name: "a type that is not shareable any more", from: "type PageInfo @shareable ", to: "type PageInfo ", want: /'PageInfo' lost @shareable/ },
  { name: "a field that routers hide", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Long @inaccessible\n", want: /'AtlasProject\.clusterCount' has @inaccessible now/ },
]) {
  test(`${name} is a breaking change`, async () => {
    const found = (await changesBetween(of, changed(from, to, of))).filter(({ level }) => level === BREAKING);
    assert.match(found.map(({ message }) => message).join("\n"), want);
  });
}

for (const { name, from, to, want, of = sdl } of [
  { name: "a new value", from: "  PENDING\n", to: "  PENDING\n  WAITING\n", want: /'WAITING' was added to enum/ },
  { name: "a new member of a union", of: sdl + kinds, from: "AtlasProject | AtlasCluster", to: "AtlasProject | AtlasCluster | AtlasOrganization", want: /'AtlasOrganization' was added to Union type 'Found'/ },
  { name: "a new type with an interface of before", from: "type BSONTimestamp ", to: "type Other implements RestoreJob { id: ObjectID! }\n\ntype BSONTimestamp ", want: /'Other' object implements 'RestoreJob' interface/ },
  { name: "another default", of: sdl + kinds, from: "first: Int = 10", to: "first: Int = 20", want: /'first' on field 'Query\.find' changed from '10' to '20'/ },
  { name: "a scope that a field did not need", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Long @requiresScopes(scopes: [[\"people:read\"]])\n", want: /'AtlasProject\.clusterCount' has @requiresScopes/ },
]) {
  test(`${name} is a dangerous change, and not a breaking one`, async () => {
    const found = await changesBetween(of, changed(from, to, of));
    assert.deepEqual(found.filter(({ level }) => level === BREAKING), []);
    assert.match(found.filter(({ level }) => level === DANGEROUS).map(({ message }) => message).join("\n"), want);
  });
}

for (const { name, from, to, of = sdl } of [
  { name: "a new field", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Long\n  more: Int\n" },
  { name: "a new optional argument", from: "    restoreJobId: ObjectID!\n  ): FlexRestoreJob ", to: "    restoreJobId: ObjectID!\n    reason: String\n  ): FlexRestoreJob " },
  { name: "a new type", from: "type BSONTimestamp ", to: "type Other { id: ID! }\n\ntype BSONTimestamp " },
  { name: "a new key", from: "type AtlasCluster @key(fields: \"groupId name\") ", to: "type AtlasCluster @key(fields: \"id\") @key(fields: \"groupId name\") " },
  { name: "a new optional input field", of: sdl + kinds, from: " tag: String }", to: " tag: String more: Int }" },
  { name: "a deprecation", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Long @deprecated(reason: \"Count clusters.\")\n" },
  { name: "a field that is never null now", from: "\n  clusterCount: Long\n", to: "\n  clusterCount: Long!\n" },
  { name: "another description", from: '"When the project was created."', to: '"Its first day."' },
]) {
  test(`${name} is neither a breaking nor a dangerous change`, async () => {
    const found = await changesBetween(of, changed(from, to, of));
    assert.deepEqual(found.filter(({ level }) => level !== NON_BREAKING), []);
  });
}

const release = (version, text) => ({ version, sdl: text, actions: text });

test("clients of each release count, and not only those of the newest", async () => {
  const before = [release("1.0.0", changed("\n  clusterCount: Long\n", "\n  clusterCount: Long\n  old: Int\n")), release("1.1.0", sdl)];
  const found = await objections(before, release("", sdl), "## 1.1.0\n");
  assert.equal(found.length, 1);
  assert.match(found[0], /^this breaks clients of 1\.0\.0: Field 'old' was removed .*@deprecated.*CONTRIBUTING\.md/);
});

test("clients of a gateway without actions count, too", async () => {
  const without = release("1.0.0", sdl);
  const moved = { sdl: changed(/"When the project was created\."\n  created: DateTime\n/, ""), actions: sdl };
  assert.match((await objections([without], moved, "## 1.0.0\n")).join("\n"), /'created' was removed/);
});

test("a dangerous change must be named in the changelog, above the last release", async () => {
  const after = release("", changed('"Accepted."\n  PENDING\n', '"Accepted."\n  PENDING\n  "Waits."\n  WAITING\n'));
  const [path] = (await changesBetween(sdl, after.sdl)).map((change) => change.path);
  const about = async (changelog) => (await objections([release("1.0.0", sdl)], after, changelog)).join("\n");
  assert.match(await about("## Unreleased\n\n## 1.0.0\n"), new RegExp(`Name \`${path}\` in CHANGELOG`));
  assert.match(await about(`## Unreleased\n\n## 1.0.0\n\n- \`${path}\`\n`), /Name/);
  assert.equal(await about(`## Unreleased\n\n- \`${path}\`\n\n## 1.0.0\n`), "");
  assert.match(await about("## Unreleased\n"), /no heading "## 1\.0\.0"/);
});

test("each release has its schema with actions, which it fulfils", async () => {
  assert.deepEqual(releases().slice(0, 1).map(({ version }) => version), ["1.0.0"]);
  for (const { sdl: without, actions } of releases()) {
    assert.deepEqual((await changesBetween(without, actions)).filter(({ level }) => level === BREAKING), []);
  }
});

test("the changelog of the schema has each change once, by what it does to clients", async () => {
  const all = [release("1.9.0", sdl), release("1.10.0", changed("\n  clusterCount: Long\n", '\n  clusterCount: Int @deprecated(reason: "Count.")\n'))];
  const after = release("", changed("type BSONTimestamp ", "type Other { id: ID! }\n\ntype BSONTimestamp "));
  assert.match(await changelogOf("1.9.0", all, after), /1\.9\.0 is the first release/);
  assert.equal(await changelogOf("1.10.0", all, after), `# Changes of the GraphQL schema from 1.9.0 to 1.10.0

## Breaking: clients fail that use this

- Field \`AtlasProject.clusterCount\` changed type from \`Long\` to \`Int\`.

## Added and deprecated

- Field \`AtlasProject.clusterCount\` is deprecated.
`);
  assert.match(await changelogOf("1.10.0-rc.1", all, after), /from 1\.9\.0 to 1\.10\.0-rc\.1\n[^]*Type `Other` was added/);
  const next = await changelogOf("1.11.0", [release("1.9.0", sdl), release("1.10.0", sdl)], after);
  assert.match(next, /from 1\.10\.0 to 1\.11\.0\n\n## Added and deprecated\n\n- Type `Other` was added\.\n$/);
  assert.match(await changelogOf("1.11.0", [release("1.10.0", sdl)], release("", sdl)), /did not change/);
});

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
