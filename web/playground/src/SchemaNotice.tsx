// A notice when the schema could not be read, with what does not work without it.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

export function SchemaNotice() {
  const schema = useGraphiQL(state => state.schema);
  const failure = useGraphiQL(state => state.fetchError);
  const { introspect } = useGraphiQLActions();
  if (schema || !failure) {
    return null;
  }
  const { reason, code } = answerIn(failure);
  return (
    <div className="notice" role="status" data-testid="schema-notice">
      {code === 'UNAUTHENTICATED' ? (
        <>
          <b>This gateway wants to know who you are.</b> Write what proves it into Headers, below the operation, such as{' '}
          <code>{'{"Authorization": "Bearer …"}'}</code> with your token, and try again. Each tab has its own.
        </>
      ) : (
        <>
          <b>{code === 'INTROSPECTION_DISABLED' ? 'This gateway does not tell its schema (introspection is off).' : 'The schema cannot be read.'}</b>{' '}
          {code === 'INTROSPECTION_DISABLED' && 'Operations run all the same. '}There is no completion, and Docs and Explorer stay empty.
        </>
      )}{' '}
      <span className="notice-reason">{reason}</span>{' '}
      <button type="button" onClick={() => void introspect()}>
        Try again
      </button>
    </div>
  );
}

/** Returns the gateway's error from the answer that GraphiQL stores as text. */
function answerIn(failure: string): { reason: string; code?: string } {
  try {
    const answer = JSON.parse(failure) as { errors?: { message?: string; extensions?: { code?: string } }[]; message?: string };
    const first = answer.errors?.[0];
    return { reason: first?.message ?? answer.message ?? failure, code: first?.extensions?.code };
  } catch {
    return { reason: failure };
  }
}
