// How long jobs usually take, from those that are loaded.
import { durationOf } from './duration';
import type { Job } from './useJobs';

export interface Usual {
  /** The median, in milliseconds. */
  median: number;
  /** Of how many jobs. */
  count: number;
}

/** From how many jobs on, and from how many times their median on, a job is overdue. */
const enough = 3;
const overdueFactor = 1.5;

const kindOf = (job: Job) => `${job.groupId}/${job.clusterName}/${job.servedBy === 'COLLECTION' ? 'COLLECTION' : job.deliveryType}`;

/** Returns a function that tells how long jobs of the same cluster and delivery type took; undefined if none is known. */
export function usualOf(jobs: Job[]): (job: Job) => Usual | undefined {
  const durations = new Map<string, number[]>();
  for (const job of jobs) {
    const duration = durationOf(job);
    if (job.state === 'SUCCEEDED' && duration !== null) {
      const kind = kindOf(job);
      durations.set(kind, [...(durations.get(kind) ?? []), duration]);
    }
  }
  const usual = new Map([...durations].map(([kind, all]) => [kind, { median: medianOf(all), count: all.length }]));
  return job => usual.get(kindOf(job));
}

function medianOf(all: number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle - 1)]!) / 2;
}

/** Reports whether a job has been running for much longer than is usual. */
export function isOverdue(job: Job, usual: Usual | undefined, now: Date): boolean {
  return Boolean(
    job.state === 'RUNNING' && job.createdAt && usual && usual.count >= enough && now.getTime() - Date.parse(job.createdAt) > overdueFactor * usual.median,
  );
}

/** The newest job of the same cluster that succeeded before this one; undefined if none is loaded. */
export const lastSuccess = (jobs: Job[], job: { groupId: string; clusterName: string; id: string }) =>
  jobs.find(other => other.state === 'SUCCEEDED' && other.groupId === job.groupId && other.clusterName === job.clusterName && other.id < job.id);
