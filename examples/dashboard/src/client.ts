import { createClient } from 'graphql-ws';
import { Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { pageData } from './data';
import { session } from './login/session';
import { Store } from './store';

const url = new URL('graphql', document.baseURI);

/**
 * Subscribes by a WebSocket and not by server-sent events, because browsers open at most six HTTP/1.1 connections to one host:
 * a page has a stream for each project and one for a job, so with a few open pages nothing else would be answered. It connects
 * again whenever the connection ends, also when the gateway restarts, unless the gateway does not take the token.
 */
const socket = createClient({
  url: Object.assign(new URL(url), { protocol: url.protocol.replace('http', 'ws') }).href,
  retryAttempts: Infinity,
  shouldRetry: event => !isUnauthenticated(event),
  retryWait: retries => new Promise(next => setTimeout(next, Math.min(1000 * 2 ** retries, 10_000) * (0.5 + Math.random() / 2))),
  connectionParams: () => session.headers(),
});

/** The close codes of a connection without a valid token (4403 in the protocol, 4401 of this gateway). */
const isUnauthenticated = (event: unknown) => [4401, 4403].includes((event as CloseEvent | undefined)?.code ?? 0);

/**
 * Queries the gateway that served this page, without a client-side cache: jobs change while they are shown, and the gateway
 * coalesces and caches Atlas calls.
 */
export const client = new Client({
  url: url.href,
  exchanges: [
    mapExchange({
      onError(error) {
        if (error.graphQLErrors.some(e => e.extensions.code === 'UNAUTHENTICATED')) {
          session.end(`The gateway does not take your token any more: ${error.graphQLErrors[0]!.message}.`);
        }
      },
    }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: sink => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
      }),
    }),
  ],
  preferGetMethod: false,
  fetchOptions: () => ({ headers: session.headers() }),
  fetch: async (input, init) => {
    const response = await fetch(input, init);
    mode.set(response.headers.get('X-Atlas-Mode') ?? mode.read());
    return response;
  },
});

/** The mode of the gateway, from a header of each answer: `demo` or `live`. */
export const mode = new Store(pageData.mode);

/** When the connection for subscriptions ended; null while it stands, and before the first one. */
export const offlineSince = new Store<Date | null>(null);

socket.on('connected', () => offlineSince.set(null));
socket.on('closed', event => {
  // A connection that nothing needs is closed by this page (1000), as is that of another token (4499).
  if (![1000, 4499].includes((event as CloseEvent).code)) {
    offlineSince.set(offlineSince.read() ?? new Date());
  }
});

// The connection belongs to the token with which it was made.
let token = session.read().token;
session.subscribe(() => {
  if (session.read().token !== token) {
    token = session.read().token;
    socket.terminate();
  }
});
