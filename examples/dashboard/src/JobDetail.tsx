import { useEffect, useRef, type ReactNode } from 'react';
import { useQuery, useSubscription } from 'urql';
import { problemOf } from './errors';
import type { JobQuery as Result } from './graphql/graphql';
import { Failure } from './notices';
import { JobQuery, LiveJob } from './queries';
import { Source } from './Source';
import { isOpen } from './states';
import { Progress, StateBadge } from './JobTable';
import { lasted, moment } from './time';

interface Props {
  groupId: string;
  clusterName: string;
  restoreJobId: string;
  onClose: () => void;
}

/** One job, beside the list. It is read again whenever it changes. */
export function JobDetail({ groupId, clusterName, restoreJobId, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [{ data, error, fetching }, execute] = useQuery({ query: JobQuery, variables: { groupId, clusterName, restoreJobId } });
  const last = useRef<Job>(undefined);
  last.current = data?.restoreJob ?? last.current;
  // While the gateway cannot be reached, the last answer stays.
  const job = data?.restoreJob ?? (error?.networkError ? last.current : undefined);

  useEffect(() => dialog.current?.showModal(), []);
  const changes = job ? isOpen(job.state) : false;
  // The first event is the state that the query has read already.
  const events = useRef(0);
  useSubscription({ query: LiveJob, variables: { groupId, clusterName, restoreJobId }, pause: !changes }, (_, event) => {
    if (events.current++ > 0) {
      execute({ requestPolicy: 'network-only' });
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
          <code>{restoreJobId}</code>
        </p>
        {!job && error && <Failure problem={problemOf(error)} onRetry={() => execute({ requestPolicy: 'network-only' })} />}
        {!job && !error && fetching && <div className="bone bone-table" />}
        {job && <Facts job={job} />}
        {job && <Source groupId={groupId} clusterName={clusterName} from={job.createdAt} to={job.finishedAt} />}
        {job && error && (
          <p className="notice notice-partial">
            <b>{error.networkError ? 'This is from before.' : 'Part of this could not be read.'}</b> {error.message}
          </p>
        )}
      </div>
    </dialog>
  );
}

type Job = NonNullable<Result['restoreJob']>;

function Facts({ job }: { job: Job }) {
  const { snapshot, targetCluster } = job;
  const time = (text: string | null | undefined) => (text ? moment(new Date(text)) : null);
  return (
    <>
      <p>
        <StateBadge state={job.state} /> {'progress' in job && <Progress fraction={job.progress?.fraction} />}
      </p>
      {'errorMessage' in job && job.errorMessage && <p className="notice notice-partial">{job.errorMessage}</p>}
      <List title="Job">
        <Fact name="Cluster">{job.clusterName}</Fact>
        <Fact name="Read from">{job.servedBy.toLowerCase()}</Fact>
        <Fact name="Delivery">{job.deliveryType?.toLowerCase().replaceAll('_', ' ')}</Fact>
        <Fact name="Made">{time(job.createdAt)}</Fact>
        <Fact name="Finished">{time(job.finishedAt)}</Fact>
        <Fact name="Took">{job.createdAt && job.finishedAt && lasted(new Date(job.createdAt), new Date(job.finishedAt))}</Fact>
        <Fact name="Expires">{time(job.expiresAt)}</Fact>
        {'pointInTimeUTCSeconds' in job && <Fact name="Restores to">{job.pointInTimeUTCSeconds && moment(new Date(job.pointInTimeUTCSeconds * 1000))}</Fact>}
        {'pointInTimeUtcSeconds' in job && <Fact name="Restores to">{job.pointInTimeUtcSeconds && moment(new Date(job.pointInTimeUtcSeconds * 1000))}</Fact>}
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
        <Fact name="Id">{job.snapshotId}</Fact>
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

export function List({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h3>{title}</h3>
      <dl>{children}</dl>
    </>
  );
}

/** A row of the list; nothing if Atlas sent no value. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
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
