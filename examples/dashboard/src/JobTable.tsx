import { useState, type ReactNode } from 'react';
import { nameOf } from './states';
import { age, lasted, moment } from './time';
import type { Job } from './useJobs';

interface Props {
  jobs: Job[];
  now: Date;
  isFiltered: boolean;
  period: string;
  /** Returns the address of a job's detail. */
  hrefOf: (job: Job) => string;
}

/** The number of rows shown at first. */
const few = 50;

export function JobTable({ jobs, now, isFiltered, period, hrefOf }: Props) {
  const [all, setAll] = useState(false);
  if (jobs.length === 0) {
    return (
      <p className="card empty" data-testid="empty">
        {isFiltered ? 'No job of the last ' + period + ' is in this state.' : 'Nothing was restored in the last ' + period + '.'}
      </p>
    );
  }
  return (
    <div className="card table">
      <table>
        <caption className="unseen">Restore jobs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Job</th>
            <th scope="col">Source</th>
            <th scope="col">Target</th>
            <th scope="col">Age</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {(all ? jobs : jobs.slice(0, few)).map(job => (
            <Row key={job.id} job={job} now={now} href={hrefOf(job)} />
          ))}
        </tbody>
      </table>
      {!all && jobs.length > few && (
        <button type="button" className="all" onClick={() => setAll(true)}>
          Show all {jobs.length}
        </button>
      )}
    </div>
  );
}

function Row({ job, now, href }: { job: Job; now: Date; href: string }) {
  const created = job.createdAt ? new Date(job.createdAt) : null;
  return (
    <tr onClick={() => (location.hash = href)}>
      <Cell name="State">
        <StateBadge state={job.state} /> {job.state === 'RUNNING' && <Progress fraction={fractionOf(job)} />}
      </Cell>
      <Cell name="Job">
        {/* The row is for pointers; this is for the keyboard and for screen readers. */}
        <a href={href} onClick={event => event.stopPropagation()}>
          <code>{job.id}</code>
        </a>
      </Cell>
      <Cell name="Source">
        {job.clusterName} <small>{job.servedBy.toLowerCase()}</small>
      </Cell>
      <Cell name="Target">{target(job)}</Cell>
      <Cell name="Age">{created ? <time dateTime={created.toISOString()} title={moment(created)}>{age(created, now)}</time> : '–'}</Cell>
      <Cell name="Took">{created && job.finishedAt ? lasted(created, new Date(job.finishedAt)) : '–'}</Cell>
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
