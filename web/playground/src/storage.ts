// Where GraphiQL keeps tabs and history: in the browser, apart for each mode, so that ids
// of the demo do not turn up before a real Atlas. Headers can hold tokens. Some parts of
// GraphiQL store them whatever they are told (its history does), so none get past here.
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

/** The same, without any member called headers where it is JSON. */
export function withoutHeaders(value: string): string {
  if (!value.includes('"headers"')) {
    return value;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return value; // a query, in which it is a word like others
  }
  return JSON.stringify(parsed, (name, member: unknown) => (name === 'headers' ? null : member));
}
