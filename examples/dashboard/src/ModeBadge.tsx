import { useSyncExternalStore } from 'react';
import { mode } from './client';

/** Says that what is shown is made up. */
export function ModeBadge() {
  const current = useSyncExternalStore(mode.subscribe, mode.read);
  return current === 'demo' ? <span className="mode">demo: made-up jobs</span> : null;
}
