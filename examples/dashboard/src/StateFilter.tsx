import type { RestoreJobState } from './graphql/graphql';
import { states } from './states';
import type { Job } from './useJobs';

interface Props {
  jobs: Job[];
  chosen: Set<RestoreJobState>;
  onToggle: (state: RestoreJobState) => void;
  onClear: () => void;
}

/** The number of jobs in each state; a selected state filters the list. */
export function StateFilter({ jobs, chosen, onToggle, onClear }: Props) {
  const count = (state: RestoreJobState) => jobs.filter(job => job.state === state).length;
  return (
    <div className="chips" role="group" aria-label="Filter by state">
      <button type="button" aria-pressed={chosen.size === 0} onClick={onClear}>
        <span>All</span> <b>{jobs.length}</b>
      </button>
      {states
        .filter(({ state }) => count(state) > 0 || chosen.has(state))
        .map(({ state, name }) => (
          <button key={state} type="button" aria-pressed={chosen.has(state)} onClick={() => onToggle(state)}>
            <i className={`swatch state-${state}`} aria-hidden="true" />
            <span>{name}</span> <b>{count(state)}</b>
          </button>
        ))}
    </div>
  );
}
