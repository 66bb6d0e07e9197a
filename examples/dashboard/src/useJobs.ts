// Subscribes to the jobs of a project and a period, and polls them while there is no stream. While requests fail, the jobs
// stay visible, and the page recovers when the gateway does.
import { useCallback, useEffect, useReducer, useRef, useSyncExternalStore } from 'react';
import { useClient, type OperationResult } from 'urql';
import { lost } from './client';
import { problemOf, type Problem } from './errors';
import type { JobsQuery as Result } from './graphql/graphql';
import { JobsQuery, LiveJobs } from './queries';

type Page = NonNullable<Result['restoreJobs']>;
export type Job = NonNullable<Page['nodes'][number]>;
export type Unread = Page['unread'][number] & { message?: string };

export interface Jobs {
  /** Newest first; undefined until the first answer. */
  jobs?: Job[];
  /** The clusters that could not be read; if any, `jobs` is incomplete. */
  unread: Unread[];
  /** The cursor of older jobs; null if there are none. */
  older: string | null;
  /** Why the last request failed; the jobs of earlier requests stay. */
  problem?: Problem;
  loading: boolean;
  updatedAt?: Date;
  /** Whether the stream stands: then nothing is polled. */
  isLive: boolean;
  /** Since when Atlas has not answered, where the stream says so. */
  staleSince?: Date;
}

/** How long the first event of a stream may take, in seconds, before the jobs are read by a query. */
const firstEventSeconds = 4;

/** The interval between polls, in seconds. After an error with retryAfterSeconds no poll is sent before that time is over. */
const pollSeconds = 10;

type Action =
  | { type: 'asked' | 'reset' | 'ended' }
  | { type: 'answered'; page: Page; unread: Unread[]; isOlder: boolean; isLive?: boolean; staleSince?: Date }
  | { type: 'failed'; problem: Problem };

const nothing: Jobs = { unread: [], older: null, loading: true, isLive: false };

function reduce(state: Jobs, action: Action): Jobs {
  switch (action.type) {
    case 'reset':
      return nothing;
    case 'ended':
      return { ...state, isLive: false, staleSince: undefined };
    case 'asked':
      return { ...state, loading: true };
    case 'failed':
      return { ...state, problem: action.problem, loading: false };
    case 'answered': {
      const { page, unread, isOlder } = action;
      const known = state.jobs?.filter(job => isOlder || !speaksOf(page, job)) ?? [];
      const jobs = [...new Map([...known, ...readable(page)].map(job => [job.id, job])).values()].sort((a, b) => (a.id < b.id ? 1 : -1));
      // The newest page has no cursor behind the older jobs that were loaded before.
      const older = isOlder || !state.jobs ? endOf(page) : state.older;
      const { isLive = state.isLive, staleSince = isLive ? action.staleSince : undefined } = action;
      return { jobs, unread, older, loading: false, updatedAt: new Date(), isLive, staleSince };
    }
  }
}

/** Returns the jobs of a page without those that could not be decoded, which are null. */
const readable = (page: Page) => page.nodes.filter(job => job !== null);

/**
 * Reports whether the page would have the job if Atlas still had it. It would not if the job's cluster could not be read, or
 * if the job may be one of those that are null.
 */
function speaksOf(page: Page, job: Job): boolean {
  if (page.nodes.includes(null)) {
    return false;
  }
  const isWithin = !page.pageInfo.hasNextPage || job.id > (page.nodes.at(-1)?.id ?? job.id);
  return isWithin && !page.unread.some(part => part.clusterName === null || part.clusterName === job.clusterName);
}

const endOf = (page: Page) => (page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);

export function useJobs(groupId: string | undefined, startedAfter: string, isPaused: boolean) {
  const client = useClient();
  const [state, dispatch] = useReducer(reduce, nothing);
  const question = useRef(0); // answers to earlier requests are ignored
  const retryAt = useRef(0);

  const ask = useCallback(
    async (after: string | null) => {
      if (!groupId) {
        return;
      }
      const mine = question.current;
      dispatch({ type: 'asked' });
      const result = await client.query(JobsQuery, { groupId, startedAfter, after }).toPromise();
      if (mine !== question.current) {
        return;
      }
      const page = result.data?.restoreJobs;
      if (page) {
        const unread = [...withReasons(page.unread, result), ...malformed(page, result)];
        dispatch({ type: 'answered', page, unread, isOlder: after !== null });
      } else if (result.error) {
        const problem = problemOf(result.error);
        retryAt.current = Date.now() + 1000 * (problem.retryAfterSeconds ?? 0);
        dispatch({ type: 'failed', problem });
      }
    },
    [client, groupId, startedAfter],
  );

  useEffect(() => {
    question.current++;
    dispatch({ type: 'reset' });
  }, [ask]);

  const offlineSince = useSyncExternalStore(lost.subscribe, lost.read);
  useEffect(() => {
    if (offlineSince) {
      dispatch({ type: 'ended' });
    }
  }, [offlineSince]);

  useEffect(() => {
    if (!groupId || isPaused) {
      return;
    }
    const late = setTimeout(() => void ask(null), 1000 * firstEventSeconds);
    const { unsubscribe } = client.subscription(LiveJobs, { groupId, startedAfter }).subscribe(result => {
      clearTimeout(late);
      const page = result.data?.restoreJobs;
      const stale = result.error?.graphQLErrors.find(e => e.extensions.code === 'STALE');
      if (page) {
        const unread = [...withReasons(page.unread, result), ...malformed(page, result)];
        const staleSince = stale ? new Date(String(stale.extensions.staleSince)) : undefined;
        dispatch({ type: 'answered', page, unread, isOlder: false, isLive: true, staleSince });
      } else if (result.error && !stale) {
        dispatch({ type: 'failed', problem: problemOf(result.error) });
      }
    });
    return () => {
      clearTimeout(late);
      unsubscribe();
      dispatch({ type: 'ended' });
    };
  }, [ask, client, groupId, startedAfter, isPaused]);

  const isPolling = !isPaused && !state.isLive;
  useEffect(() => {
    if (!isPolling) {
      return;
    }
    const timer = setInterval(() => {
      if (!document.hidden && Date.now() >= retryAt.current) {
        void ask(null);
      }
    }, 1000 * pollSeconds);
    return () => clearInterval(timer);
  }, [ask, isPolling]);

  return { ...state, offlineSince, loadOlder: () => void ask(state.older), reload: () => void ask(null) };
}

/** A job that could not be decoded is null, with its error in `errors`, at its path. */
function malformed(page: Page, result: OperationResult): Unread[] {
  const message = result.error?.graphQLErrors.find(e => e.path?.includes('nodes'))?.message;
  return page.nodes.flatMap(job => (job === null ? [{ clusterName: null, servedBy: null, errorCode: null, status: null, message }] : []));
}

/** A cluster that could not be read is in `unread`, with its error in `errors`, beside the data. */
function withReasons(unread: Page['unread'], result: OperationResult): Unread[] {
  return unread.map(part => ({
    ...part,
    message: result.error?.graphQLErrors.find(
      e => (e.extensions.clusterName ?? null) === part.clusterName && (e.extensions.servedBy ?? null) === part.servedBy,
    )?.message,
  }));
}
