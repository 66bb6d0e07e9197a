// The jobs of a project and a period. They are asked for again every few seconds; what is
// there stays there while that fails, and the page recovers when the gateway does.
import { useCallback, useEffect, useReducer, useRef } from 'react';
import { useClient, type OperationResult } from 'urql';
import { problemOf, type Problem } from './errors';
import type { JobsQuery as Result } from './graphql/graphql';
import { JobsQuery } from './queries';

type Page = NonNullable<Result['restoreJobs']>;
export type Job = NonNullable<Page['nodes'][number]>;
export type Unread = Page['unread'][number] & { message?: string };

export interface Jobs {
  /** Newest first; undefined until the first answer. */
  jobs?: Job[];
  /** What could not be read: then jobs are not the whole. */
  unread: Unread[];
  /** Where older ones go on; null where there are none. */
  older: string | null;
  /** Why the last question was not answered; what was there before is still there. */
  problem?: Problem;
  loading: boolean;
  updatedAt?: Date;
}

/** How often the newest jobs are asked for, and how long after a refusal. */
const pollSeconds = 10;

type Action =
  | { type: 'asked' | 'reset' }
  | { type: 'answered'; page: Page; unread: Unread[]; isOlder: boolean }
  | { type: 'failed'; problem: Problem };

const nothing: Jobs = { unread: [], older: null, loading: true };

function reduce(state: Jobs, action: Action): Jobs {
  switch (action.type) {
    case 'reset':
      return nothing;
    case 'asked':
      return { ...state, loading: true };
    case 'failed':
      return { ...state, problem: action.problem, loading: false };
    case 'answered': {
      const { page, unread, isOlder } = action;
      const known = state.jobs?.filter(job => isOlder || !speaksOf(page, job)) ?? [];
      const jobs = [...new Map([...known, ...readable(page)].map(job => [job.id, job])).values()].sort((a, b) => (a.id < b.id ? 1 : -1));
      // The newest page says nothing of what lies behind those that were loaded before.
      const older = isOlder || !state.jobs ? endOf(page) : state.older;
      return { jobs, unread, older, loading: false, updatedAt: new Date() };
    }
  }
}

/** The jobs of a page without those that cannot be understood, which are null. */
const readable = (page: Page) => page.nodes.filter(job => job !== null);

/** Whether the page would hold the job if Atlas still had it; not when its cluster could not be read, or when it may be one of those that are null. */
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
  const question = useRef(0); // answers to earlier ones are not looked at
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
    void ask(null);
  }, [ask]);

  useEffect(() => {
    if (isPaused) {
      return;
    }
    const timer = setInterval(() => {
      if (!document.hidden && Date.now() >= retryAt.current) {
        void ask(null);
      }
    }, 1000 * pollSeconds);
    return () => clearInterval(timer);
  }, [ask, isPaused]);

  return { ...state, loadOlder: () => void ask(state.older), reload: () => void ask(null) };
}

/** A job that cannot be understood is null, and why stands in `errors`, at its path. */
function malformed(page: Page, result: OperationResult): Unread[] {
  const message = result.error?.graphQLErrors.find(e => e.path?.includes('nodes'))?.message;
  return page.nodes.flatMap(job => (job === null ? [{ clusterName: null, errorCode: null, status: null, message }] : []));
}

/** A cluster that cannot be read is in `unread`, and why in `errors`, beside the data. */
function withReasons(unread: Page['unread'], result: OperationResult): Unread[] {
  return unread.map(part => ({
    ...part,
    message: result.error?.graphQLErrors.find(e => (e.extensions.clusterName ?? null) === part.clusterName)?.message,
  }));
}
