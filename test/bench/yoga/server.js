// Serves the jobs of one cluster, polled every five seconds for all subscribers, by server-sent events and by WebSockets.
import { createServer } from "node:http";
import { useServer } from "graphql-ws/use/ws";
import { createPubSub, createSchema, createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";

const list = process.env.BENCH_TARGET;
const pubSub = createPubSub();
let jobs = [];

async function poll() {
  const page = await (await fetch(list, { headers: { Accept: "application/vnd.atlas.2024-11-13+json" } })).json();
  const next = page.results.map(({ id, status, restoreFinishedDate, targetDeploymentItemName }) => ({
    id, state: status, finishedAt: restoreFinishedDate ?? null, targetClusterName: targetDeploymentItemName ?? null,
  }));
  const before = new Map(jobs.map((job) => [job.id, JSON.stringify(job)]));
  const isNew = jobs.length === 0 || next.some((job) => before.get(job.id) !== JSON.stringify(job));
  const changed = next.filter((job) => before.has(job.id) && before.get(job.id) !== JSON.stringify(job));
  jobs = next;
  if (isNew) pubSub.publish("jobs", jobs);
  for (const job of changed) pubSub.publish("job", job.id, job);
}

async function* from(first, changes) {
  yield first;
  yield* changes;
}

const yoga = createYoga({
  logging: false,
  graphiql: false,
  schema: createSchema({
    typeDefs: `
      type Job { id: ID! state: String finishedAt: String targetClusterName: String }
      type Jobs { nodes: [Job!]! }
      type Query { ok: Boolean }
      type Subscription {
        restoreJob(groupId: String!, clusterName: String!, restoreJobId: String!): Job
        restoreJobs(groupId: String!, clusterNames: [String!], first: Int): Jobs
      }
    `,
    resolvers: {
      Subscription: {
        restoreJob: {
          subscribe: (_, { restoreJobId }) => from(jobs.find(({ id }) => id === restoreJobId), pubSub.subscribe("job", restoreJobId)),
          resolve: (job) => job,
        },
        restoreJobs: {
          subscribe: () => from(jobs, pubSub.subscribe("jobs")),
          resolve: (all, { first }) => ({ nodes: all.slice(0, first) }),
        },
      },
    },
  }),
});
await poll();
setInterval(poll, 5000);
const server = createServer(yoga);
useServer({
  execute: (args) => args.rootValue.execute(args),
  subscribe: (args) => args.rootValue.subscribe(args),
  onSubscribe: async (ctx, _id, params) => {
    const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({ ...ctx, req: ctx.extra.request, socket: ctx.extra.socket, params });
    const args = { schema, operationName: params.operationName, document: parse(params.query), variableValues: params.variables, contextValue: await contextFactory(), rootValue: { execute, subscribe } };
    const errors = validate(args.schema, args.document);
    return errors.length ? errors : args;
  },
}, new WebSocketServer({ server, path: yoga.graphqlEndpoint }));
server.listen(0, "127.0.0.1", () => console.log(`url=http://127.0.0.1:${server.address().port}/graphql `));
process.on("SIGINT", () => process.exit(0));
