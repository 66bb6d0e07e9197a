// Hive Gateway authenticates its users and itself, passes the user's claims on beside its secret, and the gateway applies
// its policy to them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { execute, groupId, program, startGateway, startHiveOver } from "./env.js";

let gateway, hive, folder, secret;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "router-"));
  const file = (name, content) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const printed = execFileSync(program, ["token", "supergraph"], { encoding: "utf8" });
  [secret] = printed.match(/^arg_\S+$/m);
  gateway = await startGateway(
    "--auth", "router", "--router-file", file("routers.yaml", `routers:\n- ${printed.split("\n- ")[1]}`),
    "--policy", file("policy.yaml", `rules:
- subject: {router: supergraph, claims: {groups: shop}}
  projects: [${groupId}]
  permissions: [jobs:read]
`));
  hive = await startHiveOver(gateway, {
    genericAuth: {
      mode: "resolve-only",
      // A header has the claims, in place of a JWT.
      resolveUserFn: ({ request }) => JSON.parse(request.headers.get("x-user") ?? "null"),
    },
    propagateHeaders: {
      fromClientToSubgraphs: ({ subgraphName, context }) =>
        subgraphName === "atlas-restore" && context.currentUser
          ? { "X-Gateway-Router-Secret": secret, "X-Gateway-Caller": JSON.stringify(context.currentUser) }
          : {},
    },
  });
});

after(async () => {
  await hive.stop();
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

const query = `{ project(groupId: "${groupId}") { name } }`;
const code = ({ errors }) => errors?.[0]?.extensions?.code;

test("the gateway applies its policy to the router's user", async () => {
  const as = (user) => execute(hive.url, query, { headers: { "X-User": JSON.stringify(user) } });
  assert.equal((await as({ sub: "alice", groups: ["staff", "shop"] })).data.project.name, "Storefront");
  assert.equal(code(await as({ sub: "bob", groups: ["staff"] })), "NOT_FOUND");
  const log = (await gateway.logSince(0)).join("\n");
  assert.match(log, /msg=request .*caller=router:supergraph\/alice/);
  assert.match(log, /msg="access denied" caller=router:supergraph\/bob/);
  assert.ok(!log.includes(secret));
});

test("only the router may say who calls", async () => {
  assert.ok((await execute(hive.url, query)).errors, "a caller whom the router does not know was served");
  const claims = JSON.stringify({ sub: "alice", groups: ["shop"] });
  assert.equal(code(await execute(gateway.url, query)), "UNAUTHENTICATED");
  assert.equal(code(await execute(gateway.url, query, { headers: { "X-Gateway-Caller": claims } })), "UNAUTHENTICATED");
  assert.equal(code(await execute(gateway.url, query, { headers: { "X-Gateway-Caller": claims, "X-Gateway-Router-Secret": "arg_guessed" } })), "UNAUTHENTICATED");
  // Through the router a client's own header does not reach the gateway.
  assert.equal(code(await execute(hive.url, query, { headers: { "X-User": JSON.stringify({ sub: "bob" }), "X-Gateway-Caller": claims } })), "NOT_FOUND");
});
