import { useMemo, useState } from 'react';
import { Chart } from './Chart';
import type { RestoreJobState } from './graphql/graphql';
import { JobDetail } from './JobDetail';
import { JobTable } from './JobTable';
import { ModeBadge } from './ModeBadge';
import { Failure, Loading, PartialNotice, StaleNotice } from './notices';
import { ProjectChoice, useProjects } from './projects';
import { StateFilter } from './StateFilter';
import { ThemeButton } from './ThemeButton';
import { periods, useNow, type Period } from './time';
import { useAddress } from './useAddress';
import { useJobs } from './useJobs';

/** Says how new the jobs are. */
function freshness({ isLive, staleSince, offlineSince, updatedAt }: Pick<ReturnType<typeof useJobs>, 'isLive' | 'staleSince' | 'offlineSince' | 'updatedAt'>) {
  if (offlineSince) {
    return `Offline since ${offlineSince.toLocaleTimeString()}`;
  }
  if (staleSince) {
    return `Stale: Atlas has not answered since ${staleSince.toLocaleTimeString()}`;
  }
  if (!updatedAt) {
    return 'Not read yet';
  }
  return isLive ? `Live, last change ${updatedAt.toLocaleTimeString()}` : `As of ${updatedAt.toLocaleTimeString()}`;
}

export function App() {
  const { parameters: address, hrefOf, go } = useAddress();
  const [isPaused, setPaused] = useState(false);
  const now = useNow(5000);

  const projects = useProjects();
  const groupId = address.get('project') ?? projects.suggested;
  const period = (address.get('period') ?? '30d') as Period;
  const { name, length, bucket } = periods[period] ?? periods['30d'];
  const since = useMemo(() => new Date(Date.now() - length), [length]);
  const { jobs, unread, problem, loading, updatedAt, older, isLive, staleSince, offlineSince, loadOlder, reload } = useJobs(groupId, since.toISOString(), isPaused);

  const chosen = new Set((address.get('states')?.split(',') ?? []) as RestoreJobState[]);
  const shown = jobs?.filter(job => chosen.size === 0 || chosen.has(job.state));
  const toggle = (state: RestoreJobState) => {
    const next = new Set(chosen);
    if (!next.delete(state)) {
      next.add(state);
    }
    go({ states: next.size > 0 ? [...next].join(',') : null });
  };

  const [openCluster, openId] = address.get('job')?.split('/') ?? [];
  return (
    <>
      <header className="top">
        <h1>
          Restore jobs <ModeBadge />
        </h1>
        <ProjectChoice projects={projects} groupId={groupId} onChoose={id => go({ project: id, job: null })} />
        <div className="segments" role="group" aria-label="Period">
          {Object.entries(periods).map(([key, { name }]) => (
            <button key={key} type="button" aria-pressed={key === period} onClick={() => go({ period: key })}>
              {name}
            </button>
          ))}
        </div>
        <p className="fresh">
          <button type="button" onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </button>
          <span className={loading ? 'dot dot-busy' : isPaused || problem || staleSince || offlineSince ? 'dot dot-off' : 'dot'} aria-hidden="true" />
          <span data-testid="freshness">{freshness({ isLive, staleSince, offlineSince, updatedAt })}</span>
        </p>
        <ThemeButton />
      </header>
      <main>
        {projects.problem && !groupId && <Failure problem={projects.problem} onRetry={projects.reload} />}
        {problem && (jobs ? <StaleNotice problem={problem} /> : <Failure problem={problem} onRetry={reload} />)}
        {unread.length > 0 && <PartialNotice unread={unread} />}
        {!jobs && !problem && !projects.problem && <Loading />}
        {jobs && shown && (
          <>
            {jobs.length > 0 && (
              <>
                <StateFilter jobs={jobs} chosen={chosen} onToggle={toggle} onClear={() => go({ states: null })} />
                <Chart jobs={shown} from={since} to={now} bucket={bucket} />
              </>
            )}
            <JobTable
              jobs={shown}
              now={now}
              isFiltered={chosen.size > 0}
              period={name}
              hrefOf={job => hrefOf({ project: groupId ?? null, job: `${job.clusterName}/${job.id}` })}
            />
            {older !== null && (
              <p className="more">
                <button type="button" disabled={loading} onClick={loadOlder}>
                  Load older jobs
                </button>{' '}
                There are more in this period than are shown.
              </p>
            )}
          </>
        )}
      </main>
      {groupId && openCluster && openId && (
        <JobDetail key={openId} groupId={groupId} clusterName={openCluster} restoreJobId={openId} onClose={() => go({ job: null })} />
      )}
      <footer>
        An example client of the Atlas Restore Gateway, to be copied. <a href="./">Playground</a>
      </footer>
    </>
  );
}
