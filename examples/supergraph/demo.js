// Starts the Atlas Restore Gateway in demo mode.
import { spawn } from "node:child_process";
import { once } from "node:events";

/** Starts the program and waits until it serves. */
export async function startDemo(program, ...args) {
  const child = spawn(program, ["--demo", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  process.once("exit", () => child.kill());
  const ended = once(child, "exit");
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
  const url = () => log.match(/msg=serving url=(\S+)/)?.[1];
  while (!url()) {
    await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${log}`);
  }
  return {
    url: url(),
    log: () => log,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
