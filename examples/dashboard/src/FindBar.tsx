// Searches and filters the jobs that are loaded.
import { useMemo, useState, type ReactNode, type RefObject } from 'react';
import { isFiltered, type Find, type Tags } from './find';
import { StateFilter } from './StateFilter';
import type { Changes } from './useAddress';
import type { Job } from './useJobs';

interface Props {
  jobs: Job[];
  /** The jobs that match but for their state. */
  matching: Job[];
  find: Find;
  tags: Tags;
  onWantTags: () => void;
  search: RefObject<HTMLInputElement | null>;
  go: (changes: Changes) => void;
  replace: (changes: Changes) => void;
  children: ReactNode;
}

const tiers = [['SERVERLESS', 'Serverless'], ['FLEX', 'Flex'], ['DEDICATED', 'Dedicated'], ['COLLECTION', 'Collections']] as const;
/** On a narrow screen the table has no header to sort by. */
const orders = [['created', 'Oldest first'], ['-took', 'Longest first'], ['took', 'Shortest first'], ['state', 'By state'], ['cluster', 'By source'], ['target', 'By target']] as const;
const deliveries = [['AUTOMATED', 'To a cluster'], ['DOWNLOAD', 'Download'], ['POINT_IN_TIME', 'Point in time']] as const;

export function FindBar({ jobs, matching, find, tags, onWantTags, search, go, replace, children }: Props) {
  const clusters = useMemo(() => [...new Set(jobs.map(job => job.clusterName))].sort().map(name => [name, name] as const), [jobs]);
  const known = useMemo(() => [...new Set([...tags.values()].flatMap(set => [...set]))].sort().map(tag => [tag, tag.replace(':', ': ')] as const), [tags]);
  return (
    <search className="find">
      <div className="find-row">
        <label className="find-text">
          <span className="unseen">Search by id, cluster, target or snapshot</span>
          <input
            ref={search}
            type="search"
            placeholder="Id, cluster, target or snapshot ( / )"
            value={find.search}
            spellCheck={false}
            autoComplete="off"
            onChange={event => replace({ q: event.target.value || null })}
          />
        </label>
        <Choice name="Tier" value={find.tier} choices={tiers} onChoose={tier => go({ tier })} />
        <Choice name="Delivery" value={find.delivery} choices={deliveries} onChoose={delivery => go({ delivery })} />
        <Choice name="Cluster" value={find.cluster} choices={clusters} onChoose={cluster => go({ cluster })} />
        <Choice name="Tag" value={find.tag} choices={known} onChoose={tag => go({ tag })} onOpen={onWantTags} none="no cluster has a tag" />
        <span className="sort">
          <Choice name="Sort" value={find.sort === '-created' ? '' : find.sort} all="newest first" choices={orders} onChoose={sort => go({ sort })} />
        </span>
        {isFiltered(find) && (
          <button type="button" onClick={() => go({ q: null, states: null, tier: null, delivery: null, cluster: null, tag: null })}>
            Clear
          </button>
        )}
        <span className="find-more">{children}</span>
      </div>
      <StateFilter
        jobs={matching}
        chosen={find.states}
        onToggle={state => {
          const next = new Set(find.states);
          if (!next.delete(state)) {
            next.add(state);
          }
          go({ states: next.size > 0 ? [...next].join(',') : null });
        }}
        onClear={() => go({ states: null })}
      />
    </search>
  );
}

interface ChoiceProps {
  name: string;
  value: string;
  choices: readonly (readonly [value: string, name: string])[];
  onChoose: (value: string | null) => void;
  /** What the empty choice means. */
  all?: string;
  onOpen?: () => void;
  /** What stands there when it was opened and nothing can be chosen. */
  none?: string;
}

function Choice({ name, value, choices, onChoose, all = 'all', onOpen, none }: ChoiceProps) {
  const [wasOpened, setOpened] = useState(false);
  return (
    <select
      className="choice"
      aria-label={name}
      value={value}
      data-chosen={value !== ''}
      onFocus={() => {
        setOpened(true);
        onOpen?.();
      }}
      onChange={event => onChoose(event.target.value || null)}
    >
      <option value="">{name}: {all}</option>
      {value && !choices.some(([other]) => other === value) && <option value={value}>{value}</option>}
      {choices.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
      {wasOpened && none && choices.length === 0 && <option disabled>{none}</option>}
    </select>
  );
}
