// Notices: loading, failed, out of date, or incomplete.
import type { Problem } from './errors';
import type { Unread } from './useJobs';

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="unseen">Loading the jobs…</span>
      <div className="bone bone-chips" />
      <div className="bone bone-chart" />
      <div className="bone bone-table" />
    </div>
  );
}

/** The error because of which there are no jobs to show. */
export function Failure({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <section className="card failure" role="alert" data-code={problem.code}>
      <h2>{problem.title}</h2>
      <p>{problem.advice}</p>
      <p className="said">{problem.message}</p>
      <p>
        <button type="button" onClick={onRetry}>
          Try again
        </button>{' '}
        <code>{problem.code}</code> {problem.requestId && <>request {problem.requestId}</>}
      </p>
    </section>
  );
}

/** The jobs of a project are out of date, or missing, because the last request failed. */
export function StaleNotice({ problem, project, hasJobs }: { problem: Problem; project?: string; hasJobs: boolean }) {
  return (
    <p className="notice notice-stale" role="status" data-code={problem.code}>
      <b>
        {project && `${project}: `}
        {problem.title}.
      </b>{' '}
      {hasJobs ? 'What you see is from before.' : 'Its jobs are not shown.'} {problem.advice}
      {problem.retryAfterSeconds ? ` (in ${problem.retryAfterSeconds} s)` : ''}
    </p>
  );
}

/** The list is incomplete, because clusters of the project could not be read. */
export function PartialNotice({ unread, nameOf }: { unread: (Unread & { groupId: string })[]; nameOf?: (groupId: string) => string }) {
  return (
    <div className="notice notice-partial" role="status" data-testid="partial">
      <b>These are not all jobs.</b>{' '}
      {unread.length === 1 ? 'One part could not be read:' : `${unread.length} parts could not be read:`}
      <ul>
        {unread.map((part, i) => (
          <li key={`${part.groupId} ${part.clusterName ?? i} ${part.servedBy ?? ''}`}>
            {nameOf && <b>{nameOf(part.groupId)}: </b>}
            {part.message ?? (part.clusterName ? `The cluster ${part.clusterName} could not be read.` : 'Some clusters could not be listed.')}{' '}
            <code>{[part.status, part.errorCode].filter(Boolean).join(' ')}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
