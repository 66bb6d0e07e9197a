// Automatic persisted queries and manifests, with Apollo's own client and tool.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { print } from 'graphql';
import { job, startGateway } from './gateway.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const query = gql`
  query Job($groupId: ObjectID!, $clusterName: ClusterName!, $restoreJobId: ObjectID!) {
    serverlessRestoreJob(groupId: $groupId, clusterName: $clusterName, restoreJobId: $restoreJobId) {
      id
      state
    }
  }
`;

// Returns a client, and a list of the requests that it sends.
function clientOf(url, options) {
  const sent = [];
  const fetchAndRecord = async (target, init) => {
    const response = await fetch(target, init);
    sent.push({
      method: init.method,
      text: init.method === 'GET' ? new URL(target).searchParams.has('query') : 'query' in JSON.parse(init.body),
      response,
    });
    return response;
  };
  const link = ApolloLink.from([
    new PersistedQueryLink({ sha256, ...options }),
    new HttpLink({ uri: url, fetch: fetchAndRecord }),
  ]);
  return { sent, client: new ApolloClient({ link, cache: new InMemoryCache() }) };
}

async function queryJob({ client }) {
  const { data } = await client.query({ query, variables: job, fetchPolicy: 'no-cache' });
  assert.equal(data.serverlessRestoreJob.state, 'SUCCEEDED');
}

const requestsOf = ({ sent }) => sent.map(({ method, text }) => `${method} ${text ? 'text' : 'hash'}`);

test('Apollo Client sends the text once, and hashes afterwards', async () => {
  const gateway = await startGateway();
  try {
    for (const [useGETForHashedQueries, hashed] of [[false, 'POST hash'], [true, 'GET hash']]) {
      const first = clientOf(gateway.url, { useGETForHashedQueries });
      await queryJob(first);
      await queryJob(first);
      // The gateway knows the document from the first client.
      assert.deepEqual(requestsOf(first), useGETForHashedQueries ? [hashed, hashed] : [hashed, 'POST text', hashed]);
    }
  } finally {
    await gateway.stop();
  }
});

test('Apollo Client always sends texts where persisted queries are off', async () => {
  const gateway = await startGateway('--no-persisted-queries');
  try {
    const client = clientOf(gateway.url, {});
    await queryJob(client);
    await queryJob(client);
    assert.deepEqual(requestsOf(client), ['POST hash', 'POST text', 'POST text']);
  } finally {
    await gateway.stop();
  }
});

test("with a manifest of Apollo's tool only its documents are served", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'manifest-'));
  try {
    await writeFile(join(dir, 'query.graphql'), print(query));
    const manifest = join(dir, 'manifest.json');
    await writeFile(join(dir, 'config.json'), JSON.stringify({ documents: ['*.graphql'], output: manifest }));
    const tool = new URL('./node_modules/.bin/generate-persisted-query-manifest', import.meta.url).pathname;
    await promisify(execFile)(tool, ['--config', 'config.json'], { cwd: dir });
    const [{ id, body }] = JSON.parse(await readFile(manifest, 'utf8')).operations;

    const gateway = await startGateway(`--trusted-documents=${manifest}`);
    try {
      const post = async (request) => {
        const response = await fetch(gateway.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ variables: job, ...request }),
        });
        return { status: response.status, ...(await response.json()) };
      };
      for (const request of [{ documentId: id }, { query: body }, { extensions: { persistedQuery: { version: 1, sha256Hash: id } } }]) {
        const answer = await post(request);
        assert.equal(answer.data?.serverlessRestoreJob.state, 'SUCCEEDED', JSON.stringify(answer));
      }
      const rejected = await post({ query: '{ __typename }' });
      assert.deepEqual([rejected.status, rejected.errors[0].extensions.code, 'data' in rejected], [400, 'DOCUMENT_NOT_TRUSTED', false]);
    } finally {
      await gateway.stop();
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});
