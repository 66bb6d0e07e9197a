// The view is in the fragment of the address, so that it can be bookmarked and sent, and the browser's buttons go back and
// forth.
import { useCallback, useEffect, useState } from 'react';

export type Changes = Record<string, string | null>;

export function useAddress() {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const read = () => setFragment(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);

  const parameters = new URLSearchParams(fragment.slice(1));
  /** Returns the address with some parts changed; null removes a part. */
  const hrefOf = useCallback((changes: Changes) => {
    const next = new URLSearchParams(location.hash.slice(1));
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) {
        next.delete(name);
      } else {
        next.set(name, value);
      }
    }
    return `#${next}`;
  }, []);
  const go = useCallback((changes: Changes) => void (location.hash = hrefOf(changes)), [hrefOf]);
  /** Changes the address without an entry in the history, as for each letter of a search. */
  const replace = useCallback(
    (changes: Changes) => {
      history.replaceState(null, '', hrefOf(changes));
      setFragment(location.hash);
    },
    [hrefOf],
  );
  return { parameters, hrefOf, go, replace };
}
