import type { RestoreJobState } from './graphql/graphql';

/** The states in the order in which they are stacked, with their labels. */
export const states: { state: RestoreJobState; name: string }[] = [
  { state: 'SUCCEEDED', name: 'Succeeded' },
  { state: 'PARTIALLY_SUCCEEDED', name: 'Partly succeeded' },
  { state: 'READY', name: 'Ready' },
  { state: 'RUNNING', name: 'Running' },
  { state: 'PENDING', name: 'Pending' },
  { state: 'EXPIRED', name: 'Expired' },
  { state: 'CANCELLED', name: 'Cancelled' },
  { state: 'FAILED', name: 'Failed' },
  { state: 'UNKNOWN', name: 'Unknown' },
];

export const nameOf = (state: RestoreJobState) => states.find(s => s.state === state)?.name ?? state;

/** Reports whether a job in this state can still change. */
export const isOpen = (state: RestoreJobState) => state === 'PENDING' || state === 'RUNNING' || state === 'READY' || state === 'UNKNOWN';
