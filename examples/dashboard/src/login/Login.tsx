import { useState, type ReactNode } from 'react';
import type { Methods } from './methods';
import { canSignIn, signIn } from './provider';
import { session, useSession } from './session';

/** Asks for a token, or sends the user to the provider. The children say more of what the token is for. */
export function Login({ methods, children }: { methods: Methods; children?: ReactNode }) {
  const { problem } = useSession();
  const [token, setToken] = useState('');
  const [isChecking, setChecking] = useState(false);
  const { provider } = methods;
  if (!methods.bearer) {
    return (
      <section className="login" aria-label="Sign in">
        <h2>This gateway answers the router of a supergraph alone</h2>
        <p>No token opens this page: ask for the address of the supergraph.</p>
      </section>
    );
  }
  const begin = async () => {
    setChecking(true);
    await session.begin(token.trim());
    setChecking(false);
  };
  return (
    <section className="login" aria-label="Sign in">
      <h2>Sign in</h2>
      {problem && (
        <p className="login-problem" role="alert">
          {problem}
        </p>
      )}
      {provider && (
        <p>
          <button type="button" className="primary" disabled={!canSignIn()} onClick={() => void signIn(provider)}>
            Sign in at {new URL(provider.issuer).host}
          </button>{' '}
          {!canSignIn() && 'That needs HTTPS: this page was loaded without.'}
        </p>
      )}
      {methods.problem && <p>You cannot sign in at the moment: {methods.problem}. Load the page again, or use a token.</p>}
      <form
        onSubmit={event => {
          event.preventDefault();
          void begin();
        }}
      >
        <label>
          <span>{provider ? 'Or a bearer token' : 'Bearer token'}</span>
          <input type="password" autoComplete="off" spellCheck={false} required value={token} onChange={event => setToken(event.target.value)} />
        </label>
        <button type="submit" disabled={isChecking}>
          Use this token
        </button>
      </form>
      <p className="login-note">The page holds the token in its memory alone, until you forget it, load the page again or the token expires.</p>
      {children}
    </section>
  );
}

/** As whom the page asks, and until when. */
export function Account({ format }: { format: (moment: Date) => string }) {
  const { caller } = useSession();
  if (!caller) {
    return null;
  }
  return (
    <span className="account">
      <span data-testid="caller">
        {nameOf(caller.name)}
        {caller.expires && <> until {format(new Date(caller.expires))}</>}
      </span>{' '}
      <button type="button" onClick={() => session.end()}>
        Forget my token
      </button>
    </span>
  );
}

/** A token of Atlas has no name that a person knows. */
const nameOf = (name: string) => (name.startsWith('passthrough:') ? 'Your token of Atlas' : name);
