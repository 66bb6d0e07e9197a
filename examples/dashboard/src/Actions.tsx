// What a person can do about a job where the gateway has --actions: restore or download its snapshot again, and cancel it.
// Nothing is started without a plan that was read: the name of what it is about is typed below what the plan says.
import { useState, type ReactNode } from 'react';
import { useClient } from 'urql';
import { pageData } from './data';
import { problemOf, type Problem } from './errors';
import type { DownloadPlanFactsFragment, RestoreJobState, RestorePlanFactsFragment } from './graphql/graphql';
import { CancelMutation, PlanDownloadMutation, PlanRestoreMutation, StartDownloadMutation, StartRestoreMutation } from './queries';
import { isOpen } from './states';
import { Moment, precisely } from './time';

interface Job {
  id: string;
  groupId: string;
  clusterName: string;
  state: RestoreJobState;
  servedBy: string;
  snapshotId?: string | null;
  targetGroupId?: string | null;
  targetClusterName?: string | null;
}

interface Props {
  job: Job;
  /** Returns the address of another job of the cluster. */
  hrefOf: (id: string) => string;
  /** The job was changed. */
  onChange: () => void;
}

type Open = 'restore' | 'download' | 'cancel';

export function Actions({ job, hrefOf, onChange }: Props) {
  const [open, setOpen] = useState<Open>();
  if (!pageData.actions || job.servedBy === 'COLLECTION') {
    return null;
  }
  const close = () => setOpen(undefined);
  return (
    <section className="actions" aria-label="Actions">
      {!open && (
        <p>
          {job.snapshotId && (
            <>
              <button type="button" onClick={() => setOpen('restore')}>
                Restore this snapshot…
              </button>{' '}
              <button type="button" onClick={() => setOpen('download')}>
                Download this snapshot…
              </button>{' '}
            </>
          )}
          {isOpen(job.state) && (
            <button type="button" onClick={() => setOpen('cancel')}>
              Cancel this job…
            </button>
          )}
        </p>
      )}
      {open === 'restore' && <Restore job={job} hrefOf={hrefOf} onClose={close} />}
      {open === 'download' && <Download job={job} hrefOf={hrefOf} onClose={close} />}
      {open === 'cancel' && <Cancel job={job} onClose={close} onChange={onChange} />}
    </section>
  );
}

/** A new name for a decision of a person; the same one whenever the request for it is sent again. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');

function Restore({ job, hrefOf, onClose }: { job: Job; hrefOf: Props['hrefOf']; onClose: () => void }) {
  const client = useClient();
  const [groupId, setGroupId] = useState(job.targetGroupId ?? job.groupId);
  const [clusterName, setClusterName] = useState(job.targetClusterName ?? job.clusterName);
  const [plan, setPlan] = useState<RestorePlanFactsFragment>();
  const request = useRequest();
  const read = () =>
    request.send(async () => {
      const input = {
        snapshot: { groupId: job.groupId, clusterName: job.clusterName, snapshotId: job.snapshotId!, targetGroupId: groupId, targetClusterName: clusterName },
      };
      const { data, error } = await client.mutation(PlanRestoreMutation, { input }).toPromise();
      setPlan(data?.planRestore ?? undefined);
      return error;
    });
  return (
    <Panel title="Restore the snapshot" onClose={onClose}>
      {!plan && (
        <form onSubmit={event => (event.preventDefault(), void read())}>
          <label>
            Project of the target <input value={groupId} pattern="[a-f0-9]{24}" required onChange={event => setGroupId(event.target.value)} />
          </label>
          <label>
            Cluster to overwrite <input value={clusterName} required onChange={event => setClusterName(event.target.value)} />
          </label>
          <button className="primary" disabled={request.isRunning}>
            Plan it
          </button>{' '}
          <small>A plan changes nothing.</small>
        </form>
      )}
      {plan && (
        <Start
          key={plan.confirmation}
          facts={plan}
          name={plan.targetCluster.name}
          verb="Start the restore"
          hrefOf={hrefOf}
          onPlan={() => setPlan(undefined)}
          start={(confirmation, name, key) =>
            client
              .mutation(StartRestoreMutation, { confirmation, name, key })
              .toPromise()
              .then(({ data, error }) => ({ id: data?.startRestore?.id, error }))
          }
        >
          <p className="overwrites">
            <b>{plan.overwrites}</b>
          </p>
          <dl>
            <Row name="Target">
              {plan.targetCluster.name} in {plan.targetProject.name ?? plan.targetProject.id}
            </Row>
            <Row name="Its id">{plan.targetCluster.id}</Row>
            <Row name="It is now">
              {plan.targetCluster.stateName?.toLowerCase() ?? 'in a state that Atlas does not tell'}, MongoDB {plan.targetCluster.mongoDBVersion ?? 'of unknown version'}
            </Row>
            <Row name="Its tags">{plan.targetCluster.tags?.map(tag => `${tag.key}=${tag.value}`).join(', ') || 'none'}</Row>
          </dl>
        </Start>
      )}
      <Failed request={request} />
    </Panel>
  );
}

function Download({ job, hrefOf, onClose }: { job: Job; hrefOf: Props['hrefOf']; onClose: () => void }) {
  const client = useClient();
  const [plan, setPlan] = useState<DownloadPlanFactsFragment>();
  const request = useRequest();
  const read = () =>
    request.send(async () => {
      const input = { groupId: job.groupId, clusterName: job.clusterName, snapshotId: job.snapshotId! };
      const { data, error } = await client.mutation(PlanDownloadMutation, { input }).toPromise();
      setPlan(data?.planDownload ?? undefined);
      return error;
    });
  return (
    <Panel title="Download the snapshot" onClose={onClose}>
      {!plan && (
        <p>
          <button type="button" className="primary" disabled={request.isRunning} onClick={() => void read()}>
            Plan it
          </button>{' '}
          <small>A plan changes nothing.</small>
        </p>
      )}
      {plan && (
        <Start
          key={plan.confirmation}
          facts={plan}
          name={plan.sourceCluster.name}
          verb="Start the download"
          hrefOf={hrefOf}
          onPlan={() => setPlan(undefined)}
          start={(confirmation, name, key) =>
            client
              .mutation(StartDownloadMutation, { confirmation, name, key })
              .toPromise()
              .then(({ data, error }) => ({ id: data?.startDownload?.id, error }))
          }
        >
          <p>Who has the URL of the download has the whole backup. It lives four hours.</p>
        </Start>
      )}
      <Failed request={request} />
    </Panel>
  );
}

type Facts = Pick<RestorePlanFactsFragment, 'dataFrom' | 'dataAgeSeconds' | 'compliancePolicy' | 'warnings' | 'refusals' | 'confirmation' | 'confirmationExpiresAt'>;
type Outcome = { id?: string; error?: Parameters<typeof problemOf>[0] };

interface StartProps {
  facts: Facts;
  /** What must be typed. */
  name: string;
  verb: string;
  hrefOf: Props['hrefOf'];
  onPlan: () => void;
  start: (confirmation: string, name: string, key: string) => Promise<Outcome>;
  children: ReactNode;
}

/** What a plan says, and below it the start. */
function Start({ facts, name, verb, hrefOf, onPlan, start, children }: StartProps) {
  const [typed, setTyped] = useState('');
  const [key] = useState(newKey);
  const [started, setStarted] = useState<string>();
  const request = useRequest();
  const send = () =>
    request.send(async () => {
      const { id, error } = await start(facts.confirmation!, typed, key);
      setStarted(id);
      return error;
    });
  if (started) {
    return (
      <p role="status" className="notice">
        It was started: <a href={hrefOf(started)}>{started}</a>
      </p>
    );
  }
  return (
    <>
      {children}
      <dl>
        <Row name="Data of">{facts.dataFrom ? <Moment at={facts.dataFrom} /> : 'a time that Atlas does not tell'}</Row>
        <Row name="Its age">{facts.dataAgeSeconds && precisely(facts.dataAgeSeconds * 1000)}</Row>
        <Row name="Compliance policy">{facts.compliancePolicy.toLowerCase()}</Row>
      </dl>
      <Remarks title="It cannot be started" remarks={facts.refusals} />
      <Remarks title="Know this" remarks={facts.warnings} />
      {facts.confirmation && (
        <form onSubmit={event => (event.preventDefault(), void send())}>
          <label>
            Type the name of the cluster: {name} <input value={typed} autoComplete="off" spellCheck={false} onChange={event => setTyped(event.target.value)} />
          </label>
          <button className="primary" disabled={typed !== name || request.isRunning}>
            {request.problem ? `${verb}: ask again` : verb}
          </button>{' '}
          <small>
            The plan can be used until {facts.confirmationExpiresAt && <Moment at={facts.confirmationExpiresAt} />}. The start is made once, however often it is asked for.
          </small>
        </form>
      )}
      <Failed request={request} />
      <p>
        <button type="button" onClick={onPlan}>
          Plan again
        </button>
      </p>
    </>
  );
}

function Cancel({ job, onClose, onChange }: { job: Job; onClose: () => void; onChange: () => void }) {
  const client = useClient();
  const [typed, setTyped] = useState('');
  const [result, setResult] = useState<string>();
  const request = useRequest();
  const name = job.targetClusterName ?? job.clusterName;
  const send = () =>
    request.send(async () => {
      const { data, error } = await client.mutation(CancelMutation, { groupId: job.groupId, clusterName: job.clusterName, restoreJobId: job.id }).toPromise();
      setResult(data?.cancelRestore?.message);
      onChange();
      return error;
    });
  return (
    <Panel title="Cancel the job" onClose={onClose}>
      {result ? (
        <p role="status" className="notice">
          {result}
        </p>
      ) : (
        <form onSubmit={event => (event.preventDefault(), void send())}>
          <p className="overwrites">
            <b>What the job has changed in {name} until now stays changed: the cluster may be without its data.</b>
          </p>
          <label>
            Type the name of the cluster: {name} <input value={typed} autoComplete="off" spellCheck={false} onChange={event => setTyped(event.target.value)} />
          </label>
          <button className="primary" disabled={typed !== name || request.isRunning}>
            Cancel the job
          </button>
        </form>
      )}
      <Failed request={request} />
    </Panel>
  );
}

function Panel({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <>
      <h3>{title}</h3>
      {children}
      <p>
        <button type="button" onClick={onClose}>
          Leave it
        </button>
      </p>
    </>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null;
}

function Remarks({ title, remarks }: { title: string; remarks: { code: string; message: string }[] }) {
  return remarks.length > 0 ? (
    <div className="notice notice-partial">
      <b>{title}</b>
      <ul>
        {remarks.map(remark => (
          <li key={remark.code}>{remark.message}</li>
        ))}
      </ul>
    </div>
  ) : null;
}

interface Request {
  problem?: Problem;
  isRunning: boolean;
  send: (request: () => Promise<Outcome['error']>) => Promise<void>;
}

/** A request that a person has made, and what became of it. */
function useRequest(): Request {
  const [problem, setProblem] = useState<Problem>();
  const [isRunning, setRunning] = useState(false);
  const send: Request['send'] = async request => {
    setRunning(true);
    setProblem(undefined);
    const error = await request();
    setRunning(false);
    setProblem(error && problemOf(error));
  };
  return { problem, isRunning, send };
}

function Failed({ request: { problem } }: { request: Request }) {
  return problem ? (
    <p className="notice notice-stale" role="alert" data-code={problem.code}>
      <b>{problem.title}.</b> {problem.message} <code>{problem.code}</code>
    </p>
  ) : null;
}
