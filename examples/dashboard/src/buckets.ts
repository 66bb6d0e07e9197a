import type { RestoreJobState } from './graphql/graphql';
import { states } from './states';
import type { Zone } from './time';
import type { Job } from './useJobs';

export interface Bucket {
  from: Date;
  to: Date;
  total: number;
  /** The states that occur, each with its count and the number of jobs below it in the bar. */
  parts: { state: RestoreJobState; start: number; count: number }[];
}

const day = 24 * 3600_000;

/** The length of the intervals of a chart, in hours: about 24 to 60 of them. */
export function hoursOf(from: Date, to: Date): number {
  const days = (to.getTime() - from.getTime()) / day;
  if (days <= 2.1) {
    return 1;
  }
  return days <= 10 ? 6 : 24 * Math.ceil(days / 60);
}

/**
 * Returns the edges of the intervals between two moments. They stand at full hours of the zone's calendar, so that a day
 * on which clocks change has 23 or 25 hours and still is one day.
 */
export function edgesOf(from: Date, to: Date, hours: number, zone: Zone): Date[] {
  const utc = zone === 'utc';
  const at = (y: number, m: number, d: number, h: number) => (utc ? new Date(Date.UTC(y, m, d, h)) : new Date(y, m, d, h));
  const [y, m, d] = utc ? [from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate()] : [from.getFullYear(), from.getMonth(), from.getDate()];
  if (hours === 1) {
    // An hour of the clock that comes twice is two hours.
    const edges = [at(y, m, d, utc ? from.getUTCHours() : from.getHours())];
    while (edges.at(-1)! <= to) {
      edges.push(new Date(edges.at(-1)!.getTime() + 3600_000));
    }
    return edges;
  }
  const edges: Date[] = [];
  for (let i = 0; edges.length === 0 || edges.at(-1)! <= to; i++) {
    const edge = at(y, m, d, i * hours);
    if (edges.length > 0 && edge <= from) {
      edges.pop(); // the interval ended before the first moment
    }
    edges.push(edge);
  }
  return edges;
}

/** Counts the jobs between two moments by interval and state. */
export function bucketsOf(jobs: Job[], from: Date, to: Date, hours: number, zone: Zone): Bucket[] {
  const edges = edgesOf(from, to, hours, zone).map(edge => edge.getTime());
  const counts = edges.slice(1).map(() => new Map<RestoreJobState, number>());
  for (const job of jobs) {
    const created = job.createdAt ? Date.parse(job.createdAt) : NaN;
    const byState = counts[edges.findLastIndex(edge => edge <= created)];
    byState?.set(job.state, (byState.get(job.state) ?? 0) + 1);
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
    return { from: new Date(edges[i]!), to: new Date(edges[i + 1]!), total, parts };
  });
}
