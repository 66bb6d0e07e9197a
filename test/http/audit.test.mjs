// The audits of GraphQL over HTTP by graphql-http. They read the schema, so they need introspection, which is on in
// demo mode.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditServer } from 'graphql-http';
import { startGateway } from './gateway.mjs';

const expected = 61;

for (const flags of [[], ['--cors-origins=https://dashboard.example.com', '--h2c', '--no-compression', '--no-persisted-queries']]) {
  test(`graphql-http's audits, with ${flags.join(' ') || 'no flags'}`, async () => {
    const gateway = await startGateway(...flags);
    try {
      const results = await auditServer({ url: gateway.url });
      const failed = results.filter(({ status }) => status !== 'ok');
      for (const { id, name, status, reason } of failed) console.error(`${status}: ${id} ${name}: ${reason}`);
      console.log(`graphql-http audits: ${results.length - failed.length} of ${results.length}`);
      assert.deepEqual([results.length, failed.length], [expected, 0]);
    } finally {
      await gateway.stop();
    }
  });
}
