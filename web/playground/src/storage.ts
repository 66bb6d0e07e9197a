// The storage of GraphiQL's tabs and history in the browser, separate for each mode, so that ids of the demo do not appear
// with a real Atlas. Headers can hold tokens. Some parts of GraphiQL, such as its history, store them whatever its settings
// say, so they are removed here.
import type { Mode } from './data';

export function modeStorage(mode: Mode, store: Storage = localStorage) {
  const prefix = `atlas-restore-gateway:${mode}:`;
  const keys = () => Object.keys(store).filter(key => key.startsWith(prefix));
  return {
    getItem: (key: string) => store.getItem(prefix + key),
    removeItem: (key: string) => store.removeItem(prefix + key),
    clear: () => keys().forEach(key => store.removeItem(key)),
    get length() {
      return keys().length;
    },
    setItem(key: string, value: string) {
      if (key === 'graphiql:headers') {
        return;
      }
      store.setItem(prefix + key, withoutHeaders(value));
    },
  };
}

/** Returns the value without members called headers, if it is JSON. */
export function withoutHeaders(value: string): string {
  if (!value.includes('"headers"')) {
    return value;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return value; // a query that has the word
  }
  return JSON.stringify(parsed, (name, member: unknown) => (name === 'headers' ? null : member));
}
