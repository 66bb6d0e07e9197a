// The view is in the fragment of the address, so that it can be bookmarked and sent, and the browser's buttons go back and
// forth.
import { useCallback, useEffect, useState } from 'react';

export function useAddress() {
  const [fragment, setFragment] = useState(location.hash);
  useEffect(() => {
    const read = () => setFragment(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);

  const parameters = new URLSearchParams(fragment.slice(1));
  /** Returns the address with some parts changed; null removes a part. */
  const hrefOf = useCallback((changes: Record<string, string | null>) => {
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
  const go = useCallback((changes: Record<string, string | null>) => void (location.hash = hrefOf(changes)), [hrefOf]);
  return { parameters, hrefOf, go };
}
