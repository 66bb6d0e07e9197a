// The jobs of several projects: a feed of each, brought together.
import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { offlineSince } from './client';
import type { Problem } from './errors';
import { Feed, type Job, type Unread } from './feed';
import { useStore } from './store';

export type { Job, Unread };

export interface Jobs {
  /** Newest first; undefined until the first project has answered. */
  jobs?: Job[];
  unread: (Unread & { groupId: string })[];
  /** The projects that could not be read, and why. */
  problems: { groupId: string; problem: Problem; hasJobs: boolean }[];
  loading: boolean;
  hasOlder: boolean;
  /** How many projects have not answered yet. */
  waiting: number;
  updatedAt?: Date;
  isLive: boolean;
  staleSince?: Date;
  offlineSince: Date | null;
  loadOlder: () => void;
  reload: () => void;
}

export function useJobs(groupIds: string[], startedAfter: string, isPaused: boolean): Jobs {
  const client = useClient();
  const [, changed] = useState({});
  const names = groupIds.join();
  const feeds = useMemo(
    () => (names ? names.split(',').map(groupId => new Feed(client, groupId, startedAfter, () => changed({}))) : []),
    [client, names, startedAfter],
  );
  useEffect(() => {
    if (isPaused) {
      return;
    }
    feeds.forEach(feed => feed.start());
    return () => feeds.forEach(feed => feed.stop());
  }, [feeds, isPaused]);
  const offline = useStore(offlineSince);
  useEffect(() => {
    if (offline) {
      feeds.forEach(feed => feed.disconnected());
    }
  }, [feeds, offline]);

  const states = feeds.map(feed => feed.state);
  const answered = states.filter(state => state.jobs);
  const jobs = useMemo(
    () => (answered.length > 0 ? answered.flatMap(state => state.jobs!).sort((a, b) => (a.id < b.id ? 1 : -1)) : undefined),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the lists themselves
    [...states.map(state => state.jobs), names],
  );
  const times = (read: (state: Feed['state']) => Date | undefined) => states.flatMap(state => read(state)?.getTime() ?? []);
  const dateOf = (all: number[], choose: (...all: number[]) => number) => (all.length > 0 ? new Date(choose(...all)) : undefined);
  return {
    jobs,
    unread: feeds.flatMap(feed => feed.state.unread.map(part => ({ ...part, groupId: feed.groupId }))),
    problems: feeds.flatMap(({ groupId, state }) => (state.problem ? [{ groupId, problem: state.problem, hasJobs: Boolean(state.jobs) }] : [])),
    loading: states.some(state => state.loading),
    hasOlder: states.some(state => state.older !== null),
    waiting: states.filter(state => !state.jobs && !state.problem).length,
    updatedAt: dateOf(times(state => state.updatedAt), Math.max),
    isLive: states.length > 0 && states.every(state => state.isLive),
    staleSince: dateOf(times(state => state.staleSince), Math.min),
    offlineSince: offline,
    loadOlder: () => feeds.forEach(feed => feed.state.older !== null && feed.loadOlder()),
    reload: () => feeds.forEach(feed => feed.reload()),
  };
}
