import { useEffect, useMemo, useRef, useState } from 'react';
import { Chart } from './Chart';
import { saveCSV } from './csv';
import { pageData } from './data';
import { findIn, isFiltered, sorted, withoutStates } from './find';
import { FindBar } from './FindBar';
import { JobDetail, type JobKey } from './JobDetail';
import { JobTable } from './JobTable';
import { Account, Login } from './login/Login';
import { useSession } from './login/session';
import { ModeBadge } from './ModeBadge';
import { Failure, Loading, PartialNotice, StaleNotice } from './notices';
import { PeriodChoice } from './PeriodChoice';
import { inOrganization, maxProjects, ProjectChoice, useProjects } from './projects';
import { ThemeButton } from './ThemeButton';
import { exact, formatter, nameOf, periodOf, useNow, ZoneContext, type Zone } from './time';
import { usualOf } from './usual';
import { useAddress } from './useAddress';
import { useJobs, type Jobs } from './useJobs';
import { useTags } from './useTags';

/** Where callers must authenticate, nothing is asked before there is a token. */
export function App() {
  const { token } = useSession();
  const { login } = pageData;
  const [wantsLogin, setWantsLogin] = useState(false);
  if (!token && (login.required || wantsLogin)) {
    return (
      <main className="card login-page">
        <h1>
          Restore jobs <ModeBadge />
        </h1>
        <Login methods={login} />
        {!login.required && (
          <button type="button" onClick={() => setWantsLogin(false)}>
            Go on without
          </button>
        )}
      </main>
    );
  }
  // What one caller has read is not shown to the next.
  return <Dashboard key={token} onLogin={login.bearer && !token ? () => setWantsLogin(true) : undefined} />;
}

/** Says how new the jobs are. */
function freshness({ isLive, staleSince, offlineSince, updatedAt }: Jobs, time: (moment: Date) => string) {
  if (offlineSince) {
    return `Offline since ${time(offlineSince)}`;
  }
  if (staleSince) {
    return `Stale: Atlas has not answered since ${time(staleSince)}`;
  }
  if (!updatedAt) {
    return 'Not read yet';
  }
  return isLive ? `Live, last change ${time(updatedAt)}` : `As of ${time(updatedAt)}`;
}

function Dashboard({ onLogin }: { onLogin?: () => void }) {
  const { parameters: address, hrefOf, go, replace } = useAddress();
  const zone: Zone = address.get('zone') === 'utc' ? 'utc' : 'local';
  const [isPaused, setPaused] = useState(false);
  const [wantsTags, setWantsTags] = useState(false);
  const now = useNow(5000);
  const search = useRef<HTMLInputElement>(null);

  const projects = useProjects();
  const organization = address.get('org');
  const named = address.get('project')?.split(',').filter(Boolean);
  const all = organization ? inOrganization(projects, organization) : (named ?? [projects.suggested].filter(id => id !== undefined));
  const groupIds = all.slice(0, maxProjects);

  const [opened] = useState(Date.now);
  const periodKey = ['period', 'from', 'to'].map(name => address.get(name)).join();
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the parts of the address that name the period
  const period = useMemo(() => periodOf(address, zone, opened), [periodKey, zone, opened]);
  const feed = useJobs(groupIds, period.from.toISOString(), isPaused);
  const { jobs, unread, problems, loading, hasOlder, waiting, loadOlder, reload } = feed;

  const find = findIn(address);
  const tags = useTags(groupIds, wantsTags || find.tag !== '');
  const usual = useMemo(() => usualOf(jobs ?? []), [jobs]);
  const within = useMemo(() => (period.to ? jobs?.filter(job => !job.createdAt || Date.parse(job.createdAt) < period.to!.getTime()) : jobs), [jobs, period]);
  const matching = within && withoutStates(within, find, tags);
  const shown = matching && sorted(find.states.size > 0 ? matching.filter(job => find.states.has(job.state)) : matching, find.sort);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !document.querySelector('dialog[open]')) {
        event.preventDefault();
        search.current?.focus();
      } else if (event.key === 'Escape' && event.target === search.current) {
        replace({ q: null });
        document.querySelector<HTMLElement>('a.job')?.focus();
      } else if (event.key === 'ArrowDown' && (event.target === search.current || event.target === document.body)) {
        event.preventDefault();
        document.querySelector<HTMLElement>('a.job')?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [replace]);

  // project/cluster/id, or cluster/id of the only project.
  const open = address.get('job')?.split('/') ?? [];
  const [openGroup, openCluster, openId] = open.length === 2 ? [groupIds[0], ...open] : open;
  const hrefOfJob = (job: JobKey) => hrefOf({ job: `${job.groupId}/${job.clusterName}/${job.id}` });
  const clock = formatter(zone, { hour: 'numeric', minute: '2-digit', second: '2-digit' });
  const isOff = isPaused || projects.problem || problems.length > 0 || feed.staleSince || feed.offlineSince;
  return (
    <ZoneContext value={zone}>
      <a className="skip" href="#jobs" onClick={event => (event.preventDefault(), (document.querySelector<HTMLElement>('a.job') ?? document.querySelector('main'))?.focus())}>
        Skip to the jobs
      </a>
      <header className="top">
        <h1>
          Restore jobs <ModeBadge />
        </h1>
        <ProjectChoice projects={projects} groupIds={groupIds} organization={organization} onChoose={choice => go({ ...choice, job: null })} />
        <PeriodChoice period={period} address={address} go={go} />
        <p className="fresh">
          <button type="button" onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </button>
          <span className={loading ? 'dot dot-busy' : isOff ? 'dot dot-off' : 'dot'} aria-hidden="true" />
          <span data-testid="freshness">{freshness(feed, clock)}</span>
        </p>
        <span className="options">
          <button type="button" className="zone" aria-pressed={zone === 'utc'} title="Show times in UTC, or in the zone of this browser" onClick={() => go({ zone: zone === 'utc' ? null : 'utc' })}>
            {nameOf(zone)}
          </button>
          <ThemeButton />
        </span>
        <Account format={moment => exact(moment, zone)} />
        {onLogin && (
          <button type="button" onClick={onLogin}>
            Use a token
          </button>
        )}
      </header>
      <main id="jobs" tabIndex={-1}>
        {projects.problem && groupIds.length === 0 && <Failure problem={projects.problem} onRetry={projects.reload} />}
        {problems.map(({ groupId, problem, hasJobs }) =>
          hasJobs || groupIds.length > 1 ? (
            <StaleNotice key={groupId} problem={problem} project={groupIds.length > 1 ? projects.nameOf(groupId) : undefined} hasJobs={hasJobs} />
          ) : (
            <Failure key={groupId} problem={problem} onRetry={reload} />
          ),
        )}
        {all.length > groupIds.length && (
          <p className="notice notice-partial" role="status">
            <b>These are not all jobs.</b> Of {all.length} projects the first {maxProjects} are shown.
          </p>
        )}
        {unread.length > 0 && <PartialNotice unread={unread} nameOf={groupIds.length > 1 ? projects.nameOf : undefined} />}
        {projects.isEmpty && groupIds.length === 0 && (
          <p className="card empty">
            You may not read any project, or there is none. Who may read which project stands in the gateway&apos;s policy: ask its operator.
          </p>
        )}
        {!jobs && problems.length === 0 && !projects.problem && !projects.isEmpty && <Loading />}
        {jobs && within && matching && shown && (
          <>
            <FindBar jobs={within} matching={matching} find={find} tags={tags} onWantTags={() => setWantsTags(true)} search={search} go={go} replace={replace}>
              <button type="button" disabled={shown.length === 0} onClick={() => saveCSV(shown)}>
                CSV
              </button>
              <button type="button" onClick={() => print()}>
                Print
              </button>
            </FindBar>
            {within.length > 0 && <Chart jobs={shown} from={period.from} to={period.to ?? now} />}
            <JobTable
              key={groupIds.join()}
              jobs={shown}
              now={now}
              empty={isFiltered(find) ? `None of the ${within.length} jobs that are loaded matches.` : `Nothing was restored in ${period.key ? `the last ${period.name}` : period.name}.`}
              projectOf={groupIds.length > 1 ? projects.nameOf : undefined}
              usualOf={usual}
              sort={find.sort}
              onSort={sort => go({ sort })}
              hrefOf={hrefOfJob}
            />
            {waiting > 0 && (
              <p className="more" role="status">
                {waiting === 1 ? 'One project is' : `${waiting} projects are`} still being read.
              </p>
            )}
            {hasOlder && (
              <p className="more">
                <button type="button" disabled={loading} onClick={loadOlder}>
                  Load older jobs
                </button>{' '}
                There are more in this period than the {within.length} that are loaded; only those are searched.
              </p>
            )}
          </>
        )}
      </main>
      {openGroup && openCluster && openId && (
        <JobDetail
          key={openId}
          groupId={openGroup}
          clusterName={openCluster}
          restoreJobId={openId}
          now={now}
          jobs={jobs ?? []}
          usualOf={usual}
          hrefOf={hrefOfJob}
          onClose={() => go({ job: null })}
        />
      )}
      <footer>
        Atlas Restore Gateway{pageData.playground && <> · <a href="./">Playground</a></>}
        <span className="keys">
          {' '}
          · Keys: <kbd>/</kbd> searches, <kbd>↓</kbd> <kbd>↑</kbd> choose a job, <kbd>Enter</kbd> opens it, <kbd>Esc</kbd> closes it
        </span>
      </footer>
    </ZoneContext>
  );
}
