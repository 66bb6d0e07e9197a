// Starts the Atlas simulator of the bench, whose jobs a test makes and whose calls it can have fail, and the built gateway.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const bin = (name) => new URL(`../../bin/${name}`, import.meta.url).pathname;

/** The project and the Flex cluster in which nothing happens but what a test does. */
export const groupId = "63f3484e1f3a9b27c6000001";
export const clusterName = "catalog";

async function start(program, args, env) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], env: { PATH: process.env.PATH, ...env } });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const found = / ?url=(\S+graphql|\S+:\d+)( |$)/.exec(line);
      if (found) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
  });
  return {
    url,
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** Starts the simulator. */
export async function startAtlas() {
  const atlas = await start(bin("bench"), [], { BENCH_ROLE: "atlas", BENCH_TARGET: "0" });
  const control = async (path) => (await fetch(`${atlas.url}/bench/${path}`)).text();
  return {
    ...atlas,
    /** Adds a job that runs for a time such as 4s and then succeeds, and returns its id. */
    addJob: (takes) => control(`jobs?cluster=${clusterName}&takes=${takes}`),
    addFailingJob: (takes) => control(`jobs?cluster=${clusterName}&takes=${takes}&ends=fails`),
    fail: (status) => control(`fault?status=${status}`),
    mend: () => control("fault?status=0"),
    calls: async () => Number(await control("calls")),
  };
}

/** Starts the gateway before the simulator. */
export const startGateway = (atlas, ...args) =>
  start(bin("atlas-restore-gateway"), ["--listen=127.0.0.1:0", ...args], {
    MONGODB_ATLAS_PUBLIC_API_KEY: "bench",
    MONGODB_ATLAS_PRIVATE_API_KEY: "private-key-of-the-bench",
    MONGODB_ATLAS_BASE_URL: atlas.url,
  });

/** A subscription to a job. */
export const subscriptionTo = (id) => ({
  query: `subscription Job($groupId: ObjectID!, $clusterName: ClusterName!, $id: ObjectID!) {
    restoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $id) { __typename id state }
  }`,
  variables: { groupId, clusterName, id },
});
