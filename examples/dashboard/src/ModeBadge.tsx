import { mode } from './client';
import { useStore } from './store';

/** Says that the jobs are made up (demo mode). */
export function ModeBadge() {
  const current = useStore(mode);
  return current === 'demo' ? <span className="mode">demo: made-up jobs</span> : null;
}
