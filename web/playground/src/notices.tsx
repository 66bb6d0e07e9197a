// Notices above the editor: who the user is, and what does not work without a schema.
import { Login } from '../../../examples/dashboard/src/login/Login';
import { useSession } from '../../../examples/dashboard/src/login/session';
import type { PageData } from './data';
import type { Schema } from './useSchema';

/** Asks for a token where the gateway wants one, or where the user wants to use one. */
export function LoginNotice({ data: { login }, isWanted }: { data: PageData; isWanted: boolean }) {
  const { token } = useSession();
  if (token || !(login.required || isWanted)) {
    return null;
  }
  return (
    <div className="notice notice-login" data-testid="login">
      <Login methods={login}>
        <p className="login-note">It is sent with the operations of all tabs. A header Authorization in the Headers of a tab takes its place there.</p>
      </Login>
    </div>
  );
}

export function SchemaNotice({ data, schema: { problem, reload } }: { data: PageData; schema: Schema }) {
  if (!data.schema) {
    return (
      <div className="notice" role="status" data-testid="schema-notice">
        This gateway was started with <code>--introspection=off</code>: it does not show its schema. Operations run all the same, but Docs, Explorer and
        completion stay empty.
      </div>
    );
  }
  if (problem === null) {
    return null;
  }
  return (
    <div className="notice" role="status" data-testid="schema-notice">
      <b>The schema cannot be read.</b> Docs, Explorer and completion stay empty. <span className="notice-reason">{problem}</span>{' '}
      <button type="button" onClick={reload}>
        Try again
      </button>
    </div>
  );
}
