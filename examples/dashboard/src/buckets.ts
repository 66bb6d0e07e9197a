import type { RestoreJobState } from './graphql/graphql';
import { states } from './states';
import type { Job } from './useJobs';

export interface Bucket {
  from: Date;
  to: Date;
  total: number;
  /** The states that occur, each with its count and the number of jobs below it in the bar. */
  parts: { state: RestoreJobState; start: number; count: number }[];
}

/** Divides the time between into intervals that begin at full hours of the local day. */
export function bucketsOf(jobs: Job[], from: Date, to: Date, length: number): Bucket[] {
  const offset = to.getTimezoneOffset() * 60_000;
  const floor = (ms: number) => Math.floor((ms - offset) / length) * length + offset;
  const first = floor(from.getTime());
  const counts = Array.from({ length: (floor(to.getTime()) - first) / length + 1 }, () => new Map<RestoreJobState, number>());
  for (const job of jobs) {
    if (job.createdAt) {
      const bucket = counts[(floor(Date.parse(job.createdAt)) - first) / length];
      bucket?.set(job.state, (bucket.get(job.state) ?? 0) + 1);
    }
  }
  return counts.map((byState, i) => {
    let total = 0;
    const parts = states
      .filter(({ state }) => byState.has(state))
      .map(({ state }) => {
        const count = byState.get(state)!;
        total += count;
        return { state, start: total - count, count };
      });
    return { from: new Date(first + i * length), to: new Date(first + (i + 1) * length), total, parts };
  });
}
