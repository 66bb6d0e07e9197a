import { useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { useQuery, useSubscription } from 'urql';
import { offlineSince } from './client';
import { Actions } from './Actions';
import { Copy } from './Copy';
import { Downloads } from './Downloads';
import { durationOf } from './duration';
import { problemOf } from './errors';
import type { JobQuery as Result } from './graphql/graphql';
import { Elapsed, Progress, StateBadge } from './JobTable';
import { Failure } from './notices';
import { JobQuery, LiveJob } from './queries';
import { Source } from './Source';
import { isOpen } from './states';
import { useStore } from './store';
import { exact, Moment, precisely, ZoneContext } from './time';
import { isOverdue, lastSuccess, type Usual } from './usual';
import type { Job as ListedJob } from './useJobs';

/** What names a job. */
export type JobKey = Pick<ListedJob, 'groupId' | 'clusterName' | 'id'>;

interface Props {
  groupId: string;
  clusterName: string;
  restoreJobId: string;
  now: Date;
  /** The jobs that are loaded. */
  jobs: ListedJob[];
  usualOf: (job: ListedJob) => Usual | undefined;
  /** Returns the address of another job's detail. */
  hrefOf: (job: JobKey) => string;
  onClose: () => void;
}

/** One job, beside the list. It is read again whenever it changes. */
export function JobDetail({ groupId, clusterName, restoreJobId, now, jobs, usualOf, hrefOf, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const zone = useContext(ZoneContext);
  const [{ data, error, fetching }, execute] = useQuery({ query: JobQuery, variables: { groupId, clusterName, restoreJobId } });
  const last = useRef<Job>(undefined);
  const [readAt, setReadAt] = useState<Date>();
  useEffect(() => {
    if (data?.restoreJob) {
      last.current = data.restoreJob;
      setReadAt(new Date());
    }
  }, [data]);
  const disconnected = useStore(offlineSince);
  const isOffline = Boolean(error?.networkError) || disconnected !== null;
  // While the gateway cannot be reached, the last answer stays.
  const job = data?.restoreJob ?? (error?.networkError ? last.current : undefined);
  const again = () => execute({ requestPolicy: 'network-only' });

  const hrefOfId = (id: string) => hrefOf({ groupId, clusterName, id });

  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    if (!disconnected && error?.networkError) {
      again();
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- when the connection is back
  }, [disconnected]);
  // Where no stream can be had, the list is polled.
  const listedState = jobs.find(other => other.id === restoreJobId)?.state;
  useEffect(() => {
    if (listedState && job && listedState !== job.state) {
      again();
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- when the list has changed
  }, [listedState]);
  const changes = job ? isOpen(job.state) : false;
  // The first event is the state that the query has read already.
  const events = useRef(0);
  useSubscription({ query: LiveJob, variables: { groupId, clusterName, restoreJobId }, pause: !changes }, (_, event) => {
    if (events.current++ > 0) {
      again();
    }
    return event;
  });

  return (
    <dialog ref={dialog} className="detail" aria-labelledby="detail-title" onClose={onClose} onClick={event => event.target === dialog.current && onClose()}>
      <div className="detail-body">
        <header>
          <h2 id="detail-title">Restore job</h2>
          <form method="dialog">
            <button autoFocus>Close</button>
          </form>
        </header>
        <p>
          <code>{restoreJobId}</code> <Copy text={restoreJobId} name="the id" />
        </p>
        {isOffline && job && (
          <p className="notice notice-stale" role="status">
            <b>Offline.</b> The gateway cannot be reached. {readAt && `What stands here was read at ${exact(readAt, zone)}.`}
          </p>
        )}
        {!job && error && <Failure problem={problemOf(error)} onRetry={again} />}
        {!job && !error && fetching && <div className="bone bone-table" />}
        {job && <Facts job={job} now={now} jobs={jobs} usualOf={usualOf} hrefOf={hrefOf} />}
        {job && <Actions key={job.id} job={job} hrefOf={hrefOfId} onChange={again} />}
        {job && <Source groupId={groupId} clusterName={clusterName} from={job.createdAt} to={job.finishedAt} />}
        {job && error && !isOffline && (
          <p className="notice notice-partial">
            <b>Part of this could not be read.</b> {error.graphQLErrors[0]?.message ?? error.message}
          </p>
        )}
      </div>
    </dialog>
  );
}

type Job = NonNullable<Result['restoreJob']>;

function Facts({ job, now, jobs, usualOf, hrefOf }: { job: Job } & Pick<Props, 'now' | 'jobs' | 'usualOf' | 'hrefOf'>) {
  const { snapshot, targetCluster } = job;
  const time = (at: string | number | null | undefined) => (at ? <Moment at={new Date(at)} /> : null);
  const seconds = (at: number | null | undefined) => time(at ? at * 1000 : null);
  const listed = jobs.find(other => other.id === job.id);
  const duration = durationOf(job);
  const usual = listed && usualOf(listed);
  return (
    <>
      <p>
        <StateBadge state={job.state} /> {'progress' in job && <Progress fraction={job.progress?.fraction} />}
        {listed && isOverdue(listed, usual, now) && <b className="badge-overdue">overdue</b>}
      </p>
      {job.state === 'FAILED' && <Failed job={job} jobs={jobs} hrefOf={hrefOf} />}
      {job.state !== 'FAILED' && 'errorMessage' in job && job.errorMessage && <p className="notice notice-partial">{job.errorMessage}</p>}
      {job.state === 'RUNNING' && (
        <List title="Time">
          <Fact name="Running for">
            <Elapsed job={job} now={now} usual={undefined} />
          </Fact>
          <Fact name="Usually">
            {usual ? (
              precisely(usual.median)
            ) : (
              'No such job of this cluster that has ended is loaded'
            )}
            {usual && <small> median of {usual.count === 1 ? 'the one job' : `the ${usual.count} jobs`} of this cluster and delivery type that are loaded</small>}
          </Fact>
        </List>
      )}
      {job.state === 'READY' && (
        <Downloads groupId={job.groupId} clusterName={job.clusterName} restoreJobId={job.id} expiresAt={job.expiresAt} now={now} />
      )}
      <List title="Job">
        <Fact name="Cluster">{job.clusterName}</Fact>
        <Fact name="Project">{job.groupId}</Fact>
        <Fact name="Read from">{job.servedBy.toLowerCase()}</Fact>
        <Fact name="Delivery">{job.deliveryType?.toLowerCase().replaceAll('_', ' ')}</Fact>
        <Fact name="Made">{time(job.createdAt)}</Fact>
        <Fact name="Finished">{time(job.finishedAt)}</Fact>
        <Fact name="Took">{duration !== null && precisely(duration)}</Fact>
        <Fact name="Expires">{time(job.expiresAt)}</Fact>
        {'pointInTimeUTCSeconds' in job && <Fact name="Restores to">{seconds(job.pointInTimeUTCSeconds)}</Fact>}
        {'pointInTimeUtcSeconds' in job && <Fact name="Restores to">{seconds(job.pointInTimeUtcSeconds)}</Fact>}
        {'progress' in job && job.progress?.total ? <Fact name="Documents">{`${job.progress.restored ?? 0} of ${job.progress.total}`}</Fact> : null}
        {'components' in job && <Fact name="Shards">{job.components?.map(c => c.replicaSetName).join(', ')}</Fact>}
      </List>
      {'collections' in job && job.collections && job.collections.nodes.length > 0 && (
        <List title="Collections">
          {job.collections.nodes.map(c => (
            <Fact key={c.sourceNamespace} name={c.sourceNamespace}>
              {c.state?.toLowerCase().replaceAll('_', ' ')} <Progress fraction={c.progress?.fraction} />
              {c.effectiveTargetNamespace && c.effectiveTargetNamespace !== c.sourceNamespace && <small> as {c.effectiveTargetNamespace}</small>}
            </Fact>
          ))}
        </List>
      )}
      <List title="Target">
        <Fact name="Cluster">{job.targetClusterName}</Fact>
        <Fact name="Tier">{targetCluster?.tier.toLowerCase()}</Fact>
        <Fact name="Is now">{targetCluster?.stateName?.toLowerCase()}</Fact>
        <Fact name="Project">{job.targetGroupId}</Fact>
        {job.targetClusterName && !targetCluster && <Fact name="Is now">not there</Fact>}
        {!job.targetClusterName && job.deliveryType === 'DOWNLOAD' && <Fact name="Cluster">none: the snapshot is downloaded</Fact>}
      </List>
      <List title="Snapshot">
        <Fact name="Id">
          {job.snapshotId && (
            <>
              <code>{job.snapshotId}</code> <Copy text={job.snapshotId} name="the id of the snapshot" />
            </>
          )}
        </Fact>
        <Fact name="Status">{snapshot?.status?.toLowerCase()}</Fact>
        <Fact name="Taken">{time(snapshot?.createdAt ?? snapshot?.finishTime)}</Fact>
        <Fact name="Kept until">{time(snapshot?.expiresAt)}</Fact>
        <Fact name="Size">{snapshot?.storageSizeBytes && `${(snapshot.storageSizeBytes / 2 ** 30).toFixed(2)} GiB`}</Fact>
        <Fact name="MongoDB">{snapshot?.mongoDBVersion}</Fact>
        {job.snapshotId && !snapshot && <Fact name="Status">Atlas no longer has it</Fact>}
      </List>
    </>
  );
}

/** Why a job failed, as far as Atlas says, what it should have restored, and which job was the last that worked. */
function Failed({ job, jobs, hrefOf }: { job: Job } & Pick<Props, 'jobs' | 'hrefOf'>) {
  const reason = 'errorMessage' in job ? job.errorMessage : null;
  const worked = lastSuccess(jobs, job);
  const taken = job.snapshot?.createdAt ?? job.snapshot?.finishTime;
  const point = 'pointInTimeUTCSeconds' in job ? job.pointInTimeUTCSeconds : 'pointInTimeUtcSeconds' in job ? job.pointInTimeUtcSeconds : null;
  return (
    <div className="notice notice-stale failed" data-testid="failed">
      <p>{reason ? <b>{reason}</b> : <b>Atlas gives no reason for the failure of this job.</b>}</p>
      <p>
        It should have restored {job.clusterName}{' '}
        {point ? (
          <>
            as of <Moment at={new Date(point * 1000)} />
          </>
        ) : taken ? (
          <>
            from the snapshot of <Moment at={taken} />
          </>
        ) : (
          'from a snapshot that Atlas no longer has'
        )}{' '}
        {job.targetClusterName ? `to ${job.targetClusterName}` : 'for a download'}.
      </p>
      <p>
        {worked ? (
          <>
            The last one before it that worked: <a href={hrefOf(worked)}>{worked.id}</a>
            {worked.createdAt && (
              <>
                {' '}
                of <Moment at={worked.createdAt} />
              </>
            )}
            .
          </>
        ) : (
          `Of this cluster no earlier job that worked is among the ${jobs.length} that are loaded.`
        )}
      </p>
    </div>
  );
}

export function List({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3>{title}</h3>
      <dl>{children}</dl>
    </>
  );
}

/** A row of the list; nothing if Atlas sent no value. */
export function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  if (children === null || children === undefined || children === '') {
    return null;
  }
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
