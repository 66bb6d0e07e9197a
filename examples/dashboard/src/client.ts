import { createClient } from 'graphql-ws';
import { Client, fetchExchange, subscriptionExchange } from 'urql';

const url = new URL('graphql', document.baseURI);

/**
 * Subscribes by a WebSocket and not by server-sent events, because browsers open at most six HTTP/1.1 connections to one host:
 * a page has two streams, so with three open pages nothing else would be answered. It connects again whenever the connection
 * ends, also when the gateway restarts. Where the gateway authenticates callers, add
 * `connectionParams: () => ({ Authorization: … })`.
 */
const socket = createClient({
  url: Object.assign(new URL(url), { protocol: url.protocol.replace('http', 'ws') }).href,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: retries => new Promise(next => setTimeout(next, Math.min(1000 * 2 ** retries, 10_000) * (0.5 + Math.random() / 2))),
});

/**
 * Queries the gateway that served this page, without a client-side cache: jobs change while they are shown, and the gateway
 * coalesces and caches Atlas calls. Where the gateway authenticates callers, add
 * `fetchOptions: () => ({ headers: … })`.
 */
export const client = new Client({
  url: url.href,
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query, variables }) => ({
        subscribe: sink => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink) }),
      }),
    }),
  ],
  preferGetMethod: false,
  fetch: async (input, init) => {
    const response = await fetch(input, init);
    mode.set(response.headers.get('X-Atlas-Mode'));
    return response;
  },
});

/** The mode of the gateway, from a header of each answer: `demo` or `live`. */
export const mode = {
  current: null as string | null,
  listeners: new Set<() => void>(),
  read: () => mode.current,
  set(next: string | null) {
    if (next !== null && next !== mode.current) {
      mode.current = next;
      mode.listeners.forEach(listener => listener());
    }
  },
  subscribe(listener: () => void) {
    mode.listeners.add(listener);
    return () => mode.listeners.delete(listener);
  },
};

/** When the connection for subscriptions ended; null while it stands, and before the first one. */
export const lost = {
  current: null as Date | null,
  listeners: new Set<() => void>(),
  read: () => lost.current,
  set(next: Date | null) {
    if (Number(next) !== Number(lost.current)) {
      lost.current = next;
      lost.listeners.forEach(listener => listener());
    }
  },
  subscribe(listener: () => void) {
    lost.listeners.add(listener);
    return () => lost.listeners.delete(listener);
  },
};
socket.on('connected', () => lost.set(null));
socket.on('closed', event => {
  // A connection that nothing needs is closed by this page.
  if ((event as CloseEvent).code !== 1000) {
    lost.set(lost.current ?? new Date());
  }
});
