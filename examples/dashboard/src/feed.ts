// The jobs of one project and period: a subscription and, while it does not stand, polls. While requests fail the jobs stay,
// and the feed recovers when the gateway does.
import type { Client, OperationResult } from 'urql';
import { problemOf, type Problem } from './errors';
import type { JobsQuery as Result } from './graphql/graphql';
import { JobsQuery, LiveJobs } from './queries';

type Page = NonNullable<Result['restoreJobs']>;
export type Job = NonNullable<Page['nodes'][number]>;
export type Unread = Page['unread'][number] & { message?: string };

export interface FeedState {
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

/**
 * The intervals between polls, in seconds: while a job runs, or has just changed, and while nothing happens.
 * After an error with retryAfterSeconds no poll is sent before that time is over.
 */
const minPollSeconds = 10;
const maxPollSeconds = 75;

/** How long the page may be hidden, in seconds, before the stream ends. Nothing is polled meanwhile. */
const hiddenSeconds = 60;

const nothing: FeedState = { unread: [], older: null, loading: true, isLive: false };

export class Feed {
  state = nothing;
  private isRunning = false;
  private interval = minPollSeconds;
  private retryAt = 0;
  private polled = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private hidden: ReturnType<typeof setTimeout> | undefined;
  private endStream: (() => void) | undefined;

  constructor(
    private readonly client: Client,
    readonly groupId: string,
    private readonly startedAfter: string,
    private readonly onChange: () => void,
  ) {}

  start() {
    this.isRunning = true;
    document.addEventListener('visibilitychange', this.onVisibility);
    if (!document.hidden) {
      this.startStream();
      this.schedule(firstEventSeconds);
    }
  }

  stop() {
    this.isRunning = false;
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.timer);
    clearTimeout(this.hidden);
    this.stopStream();
  }

  /** Reads the newest jobs now. */
  reload = () => void this.ask(null);

  loadOlder = () => void this.ask(this.state.older);

  /** The connection for subscriptions has ended. */
  disconnected() {
    if (this.state.isLive) {
      this.set({ isLive: false, staleSince: undefined });
      this.schedule(this.interval);
    }
  }

  private set(change: Partial<FeedState>) {
    this.state = { ...this.state, ...change };
    this.onChange();
  }

  private onVisibility = () => {
    clearTimeout(this.hidden);
    if (document.hidden) {
      clearTimeout(this.timer);
      this.hidden = setTimeout(() => this.stopStream(), 1000 * hiddenSeconds);
      return;
    }
    if (!this.endStream) {
      this.startStream(); // its first event is the present state
      this.schedule(firstEventSeconds);
    } else if (!this.state.isLive) {
      this.schedule((this.polled - Date.now()) / 1000 + this.interval);
    }
  };

  /** Polls after a time, in seconds, unless the stream stands by then. */
  private schedule(seconds: number) {
    clearTimeout(this.timer);
    if (this.isRunning && !document.hidden) {
      const wait = Math.max(1000 * seconds, this.retryAt - Date.now());
      this.timer = setTimeout(() => void this.poll(), wait);
    }
  }

  private async poll() {
    if (this.state.isLive) {
      return;
    }
    const before = this.state.jobs;
    await this.ask(null);
    if (!this.isRunning) {
      return;
    }
    const { jobs, problem } = this.state;
    const happens = jobs?.some(job => job.state === 'RUNNING' || job.state === 'PENDING') || (before && JSON.stringify(before) !== JSON.stringify(jobs));
    this.interval = happens || problem ? minPollSeconds : maxPollSeconds;
    if (!this.endStream && !problem) {
      this.startStream();
    }
    this.schedule(this.interval);
  }

  private startStream() {
    const variables = { groupId: this.groupId, startedAfter: this.startedAfter };
    this.endStream = this.client.subscription(LiveJobs, variables).subscribe(result => this.onEvent(result)).unsubscribe;
  }

  private stopStream() {
    this.endStream?.();
    this.endStream = undefined;
    if (this.state.isLive) {
      this.set({ isLive: false, staleSince: undefined });
    }
  }

  private onEvent(result: OperationResult<Result>) {
    const page = result.data?.restoreJobs;
    const stale = result.error?.graphQLErrors.find(e => e.extensions.code === 'STALE');
    if (page) {
      clearTimeout(this.timer);
      this.answered(page, result, { isOlder: false, isLive: true });
      this.set({ staleSince: stale ? new Date(String(stale.extensions.staleSince)) : undefined });
    } else if (result.error && !stale) {
      // The stream has ended. The next poll says what is wrong, if it is more than the stream, and then it is tried again.
      const wasLive = this.state.isLive;
      this.stopStream();
      this.schedule(wasLive || !this.state.jobs ? 1 : this.interval);
    }
  }

  private async ask(after: string | null) {
    this.set({ loading: true });
    this.polled = Date.now();
    const variables = { groupId: this.groupId, startedAfter: this.startedAfter, after };
    const result = await this.client.query(JobsQuery, variables).toPromise();
    const page = result.data?.restoreJobs;
    if (page) {
      this.answered(page, result, { isOlder: after !== null, isLive: this.state.isLive });
    } else if (result.error) {
      const problem = problemOf(result.error);
      this.retryAt = Date.now() + 1000 * (problem.retryAfterSeconds ?? 0);
      this.set({ problem, loading: false });
    }
  }

  private answered(page: Page, result: OperationResult, { isOlder, isLive }: { isOlder: boolean; isLive: boolean }) {
    const known = this.state.jobs?.filter(job => isOlder || !speaksOf(page, job)) ?? [];
    const jobs = [...new Map([...known, ...readable(page)].map(job => [job.id, job])).values()].sort((a, b) => (a.id < b.id ? 1 : -1));
    // The newest page has no cursor behind the older jobs that were loaded before.
    const older = isOlder || !this.state.jobs ? endOf(page) : this.state.older;
    const unread = [...withReasons(page.unread, result), ...malformed(page, result)];
    this.set({ jobs, unread, older, problem: undefined, loading: false, updatedAt: new Date(), isLive });
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
