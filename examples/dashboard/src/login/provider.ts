// Signing in at an OpenID provider: the authorization code flow with PKCE (RFC 6749, 7636, 9207), for a client without a
// secret. While the user is at the provider, sessionStorage holds the verifier and the state, and nothing else.

export interface Provider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  scope: string;
  /** The names of the gateway: the token must be for one of them. */
  audiences: string[];
}

const storageKey = 'atlas-restore-gateway:login';

const base64url = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const hash = async (text: string) => base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));

/** The page that the provider sends its user back to, which must be registered there. */
const redirectURI = () => location.origin + location.pathname;

/** Browsers have Web Crypto for pages by HTTPS and on loopback alone. */
export const canSignIn = () => window.isSecureContext;

/** Leaves the page for that of the provider. */
export async function signIn(provider: Provider): Promise<void> {
  const verifier = random();
  // The state carries the view of the page, which the provider does not see: it gets the hash.
  const state = `${random()}.${location.hash.slice(1)}`;
  sessionStorage.setItem(storageKey, JSON.stringify({ verifier, state }));
  const url = new URL(provider.authorizationEndpoint);
  const parameters = {
    response_type: 'code', client_id: provider.clientId, redirect_uri: redirectURI(), scope: provider.scope,
    state: await hash(state), code_challenge: await hash(verifier), code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  location.assign(url);
}

/**
 * Returns the token when the provider has sent its user back to this page, and restores the view of the page; null on any
 * other visit. Throws what went wrong, in words.
 */
export async function returned(provider: Provider | undefined): Promise<string | null> {
  const answer = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(storageKey);
  sessionStorage.removeItem(storageKey);
  if (!answer.has('state') || !(answer.has('code') || answer.has('error'))) {
    return null;
  }
  // Neither the history nor a bookmark should have the code.
  history.replaceState(null, '', location.pathname + location.hash);
  const { verifier, state } = JSON.parse(stored ?? '{}') as { verifier?: string; state?: string };
  if (!provider || !verifier || !state || (await hash(state)) !== answer.get('state')) {
    throw new Error('The sign-in was not begun on this page: sign in again.');
  }
  const view = state.slice(state.indexOf('.') + 1);
  history.replaceState(null, '', location.pathname + (view ? `#${view}` : ''));
  const issuer = answer.get('iss');
  if (issuer !== null && issuer !== provider.issuer) {
    throw new Error('Another provider than the one of this gateway has answered.');
  }
  if (answer.has('error')) {
    throw new Error(`The provider did not sign you in: ${answer.get('error_description') ?? answer.get('error')}.`);
  }
  return exchange(provider, answer.get('code')!, verifier);
}

async function exchange(provider: Provider, code: string, verifier: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(provider.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code', code, redirect_uri: redirectURI(), client_id: provider.clientId, code_verifier: verifier,
      }),
      credentials: 'omit',
    });
  } catch {
    throw new Error('The provider could not be asked for the token: does it allow the origin of this page (CORS)?');
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, string | undefined>;
  if (!response.ok) {
    throw new Error(`The provider gave no token: ${answer.error_description ?? answer.error ?? `status ${response.status}`}.`);
  }
  const token = [answer.access_token, answer.id_token].find(token => token && isFor(token, provider.audiences));
  if (!token) {
    throw new Error('The provider gave no token for this gateway: --oidc-audience must name an audience of its tokens, or --oidc-scopes ask for one.');
  }
  return token;
}

/** Reports whether a token is a JWT for one of the audiences. The gateway checks it; this only chooses between two. */
function isFor(token: string, audiences: string[]): boolean {
  try {
    const claims = JSON.parse(atob(token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as { aud?: string | string[] };
    return [claims.aud ?? []].flat().some(audience => audiences.includes(audience));
  } catch {
    return false;
  }
}
