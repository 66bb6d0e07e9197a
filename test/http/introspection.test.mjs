// The introspection queries of common tools are within the default limits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery, introspectionFromSchema, isIntrospectionType, isSpecifiedScalarType } from 'graphql';
import { startGateway } from './gateway.mjs';

const allOptions = {
  descriptions: true,
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
};

async function introspect(url, options) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query: getIntrospectionQuery(options) }),
  });
  return { status: response.status, ...(await response.json()) };
}

test('the whole schema can be read in demo mode', async () => {
  const gateway = await startGateway();
  try {
    for (const options of [{}, allOptions]) {
      const answer = await introspect(gateway.url, options);
      assert.deepEqual([answer.status, answer.errors], [200, undefined]);
      assert.ok(buildClientSchema(answer.data).getType('ServerlessRestoreJob'));
    }
  } finally {
    await gateway.stop();
  }
});

// Sorts every list of named elements, and omits the types that graphql-js describes in its own words.
function comparable(value) {
  if (Array.isArray(value)) {
    return value
      .filter((v) => !(v?.kind && v.fields !== undefined && (isIntrospectionType(v) || isSpecifiedScalarType(v))))
      .map(comparable)
      .sort((a, b) => (a?.name ?? '').localeCompare(b?.name ?? ''));
  }
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]));
  }
  return value;
}

test('introspection returns the same as graphql-js, nulls included', async () => {
  const gateway = await startGateway();
  try {
    const options = { ...allOptions, oneOf: true, experimentalDirectiveDeprecation: false };
    const { errors, data } = await introspect(gateway.url, options);
    assert.equal(errors, undefined);
    assert.deepEqual(comparable(data), comparable(introspectionFromSchema(buildClientSchema(data), options)));
  } finally {
    await gateway.stop();
  }
});

test('the schema cannot be read where introspection is off', async () => {
  const gateway = await startGateway('--introspection=off');
  try {
    const answer = await introspect(gateway.url, allOptions);
    assert.deepEqual([answer.status, answer.errors.map(({ extensions }) => extensions.code), 'data' in answer], [400, ['INTROSPECTION_DISABLED'], false]);
  } finally {
    await gateway.stop();
  }
});
