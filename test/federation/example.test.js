// The command that starts the example, and the curl line that it prints.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { program } from "./env.js";

test("the example starts with one command, and its curl line can be pasted", async () => {
  const child = spawn("node", ["supergraph.js", program], {
    cwd: new URL("../../examples/supergraph", import.meta.url),
    env: { ...process.env, INVENTORY_PORT: "0", ROUTER_PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (more) => (text += more));
    while (!/^ {2}curl .*$/m.test(text)) await Promise.race([once(child.stdout, "data"), ended.then(() => assert.fail(`it ended: ${text}`))]);
    const answer = JSON.parse(execFileSync("bash", ["-c", `${text.match(/^ {2}(curl .*)$/m)[1]} -sS --max-time 20`], { encoding: "utf8" }));
    assert.equal(answer.errors, undefined);
    // A browser that opens the URL gets no page whose scripts are elsewhere.
    const [url] = text.match(/http:\/\/127\.0\.0\.1:\d+/);
    for (const path of ["/", "/graphql"]) {
      assert.doesNotMatch(await (await fetch(url + path, { headers: { Accept: "text/html" } })).text(), /<script|https:\/\//);
    }
    assert.equal(answer.data.services.length, 3);
    assert.deepEqual(answer.data.services[0].restores.map(({ ticket, state }) => [ticket, state]), [["OPS-17", "SUCCEEDED"], ["OPS-23", "SUCCEEDED"]]);
  } finally {
    child.kill();
    await ended;
  }
});
