import { useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { Copy } from './Copy';
import { durationOf } from './duration';
import { nameOf } from './states';
import { Moment, precisely, roughly } from './time';
import { isOverdue, type Usual } from './usual';
import type { Job } from './useJobs';

interface Props {
  jobs: Job[];
  now: Date;
  /** What is said when there is no job. */
  empty: string;
  /** Returns the name of a project; undefined where the jobs are of one. */
  projectOf?: (groupId: string) => string;
  usualOf: (job: Job) => Usual | undefined;
  sort: string;
  onSort: (sort: string | null) => void;
  /** Returns the address of a job's detail. */
  hrefOf: (job: Job) => string;
}

/** The number of rows shown at first; on a narrow screen each is a card. */
const few = () => (matchMedia('(max-width: 760px)').matches ? 12 : 50);

export function JobTable({ jobs, now, empty, projectOf, usualOf, sort, onSort, hrefOf }: Props) {
  const [shown, setShown] = useState(few);
  useEffect(() => {
    const showAll = () => flushSync(() => setShown(Infinity));
    addEventListener('beforeprint', showAll);
    return () => removeEventListener('beforeprint', showAll);
  }, []);
  if (jobs.length === 0) {
    return (
      <p className="card empty" data-testid="empty">
        {empty}
      </p>
    );
  }
  return (
    <div className="card table" onKeyDown={moveByArrows}>
      <table>
        <caption className="unseen">Restore jobs</caption>
        <thead>
          <tr>
            <Column name="State" by="state" sort={sort} onSort={onSort} />
            <th scope="col">Job</th>
            {projectOf && <th scope="col">Project</th>}
            <Column name="Source" by="cluster" sort={sort} onSort={onSort} />
            <Column name="Target" by="target" sort={sort} onSort={onSort} />
            <Column name="Age" by="created" isReversed sort={sort} onSort={onSort} />
            <Column name="Time" by="took" sort={sort} onSort={onSort} />
          </tr>
        </thead>
        <tbody>
          {jobs.slice(0, shown).map(job => (
            <Row key={job.id} job={job} now={now} usual={usualOf(job)} href={hrefOf(job)} project={projectOf?.(job.groupId)} />
          ))}
        </tbody>
      </table>
      {jobs.length > shown && (
        <button type="button" className="all" onClick={() => setShown(Infinity)}>
          Show all {jobs.length}
        </button>
      )}
    </div>
  );
}

/** Moves the focus from row to row. */
function moveByArrows(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a.job')];
  const row = (event.target as Element).closest('tr');
  const next = links[links.findIndex(link => link.closest('tr') === row) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

interface ColumnProps {
  name: string;
  by: string;
  /** What grows downwards is the reverse of the key: the age of the date. */
  isReversed?: boolean;
  sort: string;
  onSort: (sort: string | null) => void;
}

function Column({ name, by, isReversed, sort, onSort }: ColumnProps) {
  const isSorted = sort.replace('-', '') === by;
  const descends = sort.startsWith('-') !== Boolean(isReversed);
  const next = isSorted ? (sort.startsWith('-') ? by : `-${by}`) : by === 'created' || by === 'took' ? `-${by}` : by;
  return (
    <th scope="col" aria-sort={isSorted ? (descends ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onSort(next === '-created' ? null : next)}>
        {name} <span aria-hidden="true">{isSorted ? (descends ? '↓' : '↑') : ''}</span>
      </button>
    </th>
  );
}

function Row({ job, now, usual, href, project }: { job: Job; now: Date; usual: Usual | undefined; href: string; project?: string }) {
  const created = job.createdAt ? new Date(job.createdAt) : null;
  const overdue = isOverdue(job, usual, now);
  return (
    <tr className={overdue ? 'overdue' : undefined} onClick={() => getSelection()?.isCollapsed !== false && (location.hash = href)}>
      <Cell name="State">
        <StateBadge state={job.state} /> {job.state === 'RUNNING' && <Progress fraction={fractionOf(job)} />}
        {overdue && <b className="badge-overdue">overdue</b>}
      </Cell>
      <Cell name="Job">
        {/* The row is for pointers; this is for the keyboard and for screen readers. */}
        <a className="job" href={href} onClick={event => event.stopPropagation()}>
          <code>{job.id}</code>
        </a>
        <Copy text={job.id} name={`the id ${job.id}`} />
      </Cell>
      {project !== undefined && <Cell name="Project">{project}</Cell>}
      <Cell name="Source">
        {job.clusterName} <small>{job.servedBy.toLowerCase()}</small>
      </Cell>
      <Cell name="Target">{target(job)}</Cell>
      <Cell name="Age">{created ? <Moment at={created}>{roughly(now.getTime() - created.getTime())}</Moment> : '–'}</Cell>
      <Cell name="Time">
        <Elapsed job={job} now={now} usual={usual} />
      </Cell>
    </tr>
  );
}

/** A cell. On a narrow screen it shows the name of its column. */
function Cell({ name, children }: { name: string; children: ReactNode }) {
  return (
    <td>
      <span className="column" aria-hidden="true">
        {name}
      </span>
      <span>{children}</span>
    </td>
  );
}

/** How long a job took, has been running, or can still be downloaded. */
export function Elapsed({ job, now, usual }: { job: Pick<Job, 'state' | 'createdAt' | 'finishedAt' | 'expiresAt'>; now: Date; usual: Usual | undefined }) {
  if (job.state === 'READY' && job.expiresAt) {
    const left = Date.parse(job.expiresAt) - now.getTime();
    return <Moment at={job.expiresAt}>{left > 0 ? `${precisely(left)} left` : 'expired'}</Moment>;
  }
  if (job.createdAt && job.state === 'RUNNING') {
    return (
      <>
        {precisely(now.getTime() - Date.parse(job.createdAt))} so far{' '}
        {usual && (
          <small>
            usually {precisely(usual.median)} (of {usual.count})
          </small>
        )}
      </>
    );
  }
  const duration = durationOf(job);
  return duration === null ? '–' : precisely(duration);
}

function target(job: Job) {
  if (job.deliveryType === 'DOWNLOAD') {
    return <small>download</small>;
  }
  return job.targetClusterName ?? '–';
}

const fractionOf = (job: Job) => ('progress' in job ? job.progress?.fraction : null);

/** How much of a restore is done; nothing where Atlas does not say. */
export function Progress({ fraction }: { fraction: number | null | undefined }) {
  if (fraction === null || fraction === undefined) {
    return null;
  }
  const percent = Math.floor(fraction * 100);
  return (
    <span className="progress">
      <progress value={fraction} max={1} aria-label="Restored" /> {percent} %
    </span>
  );
}

export function StateBadge({ state }: { state: Job['state'] }) {
  return (
    <span className={`badge state-${state}`}>
      <i className="swatch" aria-hidden="true" />
      {nameOf(state)}
    </span>
  );
}
