import { Client, fetchExchange } from 'urql';

/**
 * Queries the gateway that served this page, without a client-side cache: jobs change while they are shown, and the gateway
 * coalesces and caches Atlas calls. Where the gateway authenticates callers, add
 * `fetchOptions: () => ({ headers: … })`.
 */
export const client = new Client({
  url: new URL('graphql', document.baseURI).href,
  exchanges: [fetchExchange],
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
