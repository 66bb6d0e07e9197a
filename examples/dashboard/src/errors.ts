// Texts for people, by the gateway's `extensions.code`.
import type { CombinedError } from 'urql';

export interface Problem {
  code: string;
  title: string;
  /** What the user can do. */
  advice: string;
  /** The gateway's own message. */
  message: string;
  requestId?: string;
  retryAfterSeconds?: number;
}

const texts: Record<string, [title: string, advice: string]> = {
  BAD_USER_INPUT: ['The request was malformed', 'Check the project and the ids in the address.'],
  NOT_FOUND: ['Atlas has no such thing', 'It may have been deleted, or the address is wrong.'],
  GONE: ['Atlas has retired this', 'The API that had it is no more.'],
  CONFLICT: ['Atlas is busy with something that stands in the way', 'Wait for it to end.'],
  UNAUTHENTICATED: ['The gateway does not know who you are', 'Sign in, or use a token.'],
  FORBIDDEN: ['You may not see this', 'Ask the owner of the gateway for the project.'],
  UPSTREAM_UNAUTHENTICATED: ["Atlas does not accept the gateway's credential", 'Tell the owner of the gateway: you can do nothing about it.'],
  UPSTREAM_FORBIDDEN: ['Atlas does not let the gateway see this', 'Tell the owner of the gateway: its credential lacks a role, or an address on the access list.'],
  RATE_LIMITED: ['The gateway, or Atlas behind it, has been asked too often', 'It goes on by itself in a while.'],
  UPSTREAM_ERROR: ['Atlas failed', 'It is asked again by itself.'],
  UPSTREAM_TIMEOUT: ['Atlas did not answer in time', 'It is asked again by itself.'],
  UPSTREAM_UNAVAILABLE: ['Atlas cannot be reached', 'It is asked again by itself.'],
  OUTCOME_UNKNOWN: ['Nothing tells whether Atlas has done it', 'Look at the newest jobs of the cluster, or ask again: it is not started again.'],
  ACTIONS_DISABLED: ['Actions are stopped', 'Ask the owner of the gateway.'],
  INTERNAL_SERVER_ERROR: ['The gateway made a mistake', 'Its log has more, under the id of the request.'],
};

/** A network failure between this page and the gateway; the gateway never sends this code. */
const unreachable = 'GATEWAY_UNREACHABLE';

export function problemOf(error: CombinedError): Problem {
  const first = error.graphQLErrors[0];
  if (!first) {
    return {
      code: unreachable,
      title: 'The gateway cannot be reached',
      advice: 'It is asked again by itself.',
      message: error.networkError?.message ?? error.message,
    };
  }
  const { code, requestId, retryAfterSeconds } = first.extensions as { code?: string; requestId?: string; retryAfterSeconds?: number };
  const [title, advice] = texts[code ?? ''] ?? ['The gateway rejected the request', 'See what it says.'];
  return { code: code ?? 'UNKNOWN', title, advice, message: first.message, requestId, retryAfterSeconds };
}
