// Says plainly when the schema could not be read, and what that means for whoever types.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

export function SchemaNotice() {
  const schema = useGraphiQL(state => state.schema);
  const failure = useGraphiQL(state => state.fetchError);
  const { introspect } = useGraphiQLActions();
  if (schema || !failure) {
    return null;
  }
  const reason = reasonIn(failure);
  return (
    <div className="notice" role="status" data-testid="schema-notice">
      <b>{/introspection/i.test(reason) ? 'This gateway does not tell its schema (introspection is off).' : 'The schema cannot be read.'}</b> Operations run all the
      same, but there is no completion, and Docs and Explorer stay empty. <span className="notice-reason">{reason}</span>{' '}
      <button type="button" onClick={() => void introspect()}>
        Try again
      </button>
    </div>
  );
}

/** What the gateway said: GraphiQL keeps its whole answer, as text. */
function reasonIn(failure: string): string {
  try {
    const answer = JSON.parse(failure) as { errors?: { message?: string }[]; message?: string };
    return answer.errors?.[0]?.message ?? answer.message ?? failure;
  } catch {
    return failure;
  }
}
