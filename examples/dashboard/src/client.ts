import { Client, fetchExchange } from 'urql';

/**
 * Asks the gateway that served this page. There is no cache between: the jobs change while
 * they are looked at, and the gateway makes the same call of Atlas only once for all.
 * Where the gateway asks who calls, add `fetchOptions: () => ({ headers: … })`.
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

/** What stands behind the gateway, as each of its answers says: `demo` or `live`. */
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
