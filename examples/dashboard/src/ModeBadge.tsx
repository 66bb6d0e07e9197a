import { useSyncExternalStore } from 'react';
import { mode } from './client';

/** Says that the jobs are made up (demo mode). */
export function ModeBadge() {
  const current = useSyncExternalStore(mode.subscribe, mode.read);
  return current === 'demo' ? <span className="mode">demo: made-up jobs</span> : null;
}
