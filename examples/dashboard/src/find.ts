// What of the loaded jobs is shown, and in which order. All of it is in the address.
import { durationOf } from './duration';
import type { RestoreJobState } from './graphql/graphql';
import type { Job } from './useJobs';

export interface Find {
  search: string;
  states: Set<RestoreJobState>;
  tier: string;
  delivery: string;
  cluster: string;
  /** A tag of the cluster, as key:value. */
  tag: string;
  sort: string;
}

export function findIn(address: URLSearchParams): Find {
  const text = (name: string) => address.get(name) ?? '';
  return {
    search: text('q'), states: new Set((address.get('states')?.split(',') ?? []) as RestoreJobState[]), tier: text('tier'), delivery: text('delivery'),
    cluster: text('cluster'), tag: text('tag'), sort: text('sort') || '-created',
  };
}

/** Reports whether anything but the order is chosen. */
export const isFiltered = (find: Find) => Boolean(find.search || find.states.size || find.tier || find.delivery || find.cluster || find.tag);

/** The tags of clusters, by project/cluster, each as key:value. */
export type Tags = Map<string, Set<string>>;

/** Returns the jobs that match but for their state, whose counts are shown beside each other. */
export function withoutStates(jobs: Job[], find: Find, tags: Tags): Job[] {
  const search = find.search.trim().toLowerCase();
  return jobs.filter(
    job =>
      (!search || [job.id, job.clusterName, job.targetClusterName, job.snapshotId].some(text => text?.toLowerCase().includes(search))) &&
      (!find.tier || job.servedBy === find.tier) &&
      (!find.delivery || job.deliveryType === find.delivery) &&
      (!find.cluster || job.clusterName === find.cluster) &&
      (!find.tag || tags.get(`${job.groupId}/${job.clusterName}`)?.has(find.tag)),
  );
}

/** What the jobs can be sorted by; null stands last. */
const keys: Record<string, (job: Job) => string | number | null | undefined> = {
  state: job => job.state,
  cluster: job => job.clusterName,
  target: job => job.targetClusterName,
  created: job => job.id,
  took: durationOf,
};

/** Returns the jobs in an order: the name of a key, with - before it for the reverse. */
export function sorted(jobs: Job[], sort: string): Job[] {
  const reverse = sort.startsWith('-');
  const key = keys[sort.replace('-', '')] ?? keys.created!;
  return [...jobs].sort((a, b) => {
    const [x, y] = [key(a) ?? null, key(b) ?? null];
    if (x === null || y === null) {
      return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    }
    return (x < y ? -1 : x > y ? 1 : 0) * (reverse ? -1 : 1);
  });
}
