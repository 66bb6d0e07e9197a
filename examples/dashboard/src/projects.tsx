// The projects that can be chosen: one, several, or those of an organization.
import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { problemOf, type Problem } from './errors';
import { OrganizationsQuery, ProjectsQuery } from './queries';

/** How many projects the page watches at most: each is a stream, and reads its lists of jobs. */
export const maxProjects = 12;

/** After how many seconds the projects are asked for again when they could not be read. */
const retrySeconds = 10;

interface Project {
  id: string;
  name: string | null;
  orgId: string | null;
}

export interface Projects {
  list: Project[];
  organizations: { id: string; name: string | null }[];
  /** The project with the most clusters, which is selected at first. */
  suggested?: string;
  /** There are more than are listed. */
  hasMore: boolean;
  /** The caller may read none. */
  isEmpty: boolean;
  problem?: Problem;
  reload: () => void;
  nameOf: (groupId: string) => string;
}

export function useProjects(): Projects {
  const [{ data, error }, execute] = useQuery({ query: ProjectsQuery });
  const [{ data: organizations }] = useQuery({ query: OrganizationsQuery, pause: !data?.projects });
  const problem = error && !data?.projects ? problemOf(error) : undefined;
  useEffect(() => {
    if (!problem) {
      return;
    }
    const timer = setTimeout(() => execute({ requestPolicy: 'network-only' }), 1000 * Math.max(retrySeconds, problem.retryAfterSeconds ?? 0));
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- each answer has an error of its own
  }, [error]);
  const list = data?.projects?.nodes ?? [];
  const [largest] = [...list].sort((a, b) => (b.clusterCount ?? 0) - (a.clusterCount ?? 0));
  return {
    list,
    organizations: (organizations?.organizations?.nodes ?? []).filter(node => node !== null),
    suggested: largest?.id,
    isEmpty: data?.projects?.nodes.length === 0,
    hasMore: data?.projects?.pageInfo.hasNextPage ?? false,
    problem,
    reload: () => execute({ requestPolicy: 'network-only' }),
    nameOf: groupId => list.find(project => project.id === groupId)?.name ?? groupId,
  };
}

export const inOrganization = (projects: Projects, id: string) => projects.list.filter(project => project.orgId === id).map(project => project.id);

interface Props {
  projects: Projects;
  groupIds: string[];
  organization: string | null;
  onChoose: (choice: { project: string | null; org: string | null }) => void;
}

export function ProjectChoice({ projects, groupIds, organization, onChoose }: Props) {
  const { list, organizations } = projects;
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const close = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
    addEventListener('keydown', close);
    return () => removeEventListener('keydown', close);
  }, []);
  const [only] = groupIds;
  const value = organization ? `org:${organization}` : groupIds.length > 1 ? 'several' : (only ?? '');
  const toggle = (id: string) => {
    const next = groupIds.includes(id) ? groupIds.filter(other => other !== id) : [...groupIds, id];
    onChoose({ project: next.join(',') || null, org: null });
  };
  return (
    <div className="projects">
      <select
        className="project"
        aria-label="Project"
        value={value}
        onChange={({ target: { value } }) => {
          if (value.startsWith('org:')) {
            onChoose({ project: null, org: value.slice(4) });
          } else if (value === 'several') {
            setOpen(true);
          } else {
            onChoose({ project: value, org: null });
          }
        }}
      >
        {!value && <option value="">No project</option>}
        {groupIds.length === 1 && !organization && !list.some(p => p.id === only) && <option value={only}>{only}</option>}
        {groupIds.length > 1 && !organization && <option value="several">{groupIds.length} projects</option>}
        {list.map(p => (
          <option key={p.id} value={p.id}>
            {p.name ?? p.id}
          </option>
        ))}
        {organizations.length > 0 && (
          <optgroup label="All projects of an organization">
            {organizations.map(org => (
              <option key={org.id} value={`org:${org.id}`}>
                {org.name ?? org.id}
              </option>
            ))}
          </optgroup>
        )}
      </select>
      <button type="button" aria-expanded={isOpen} disabled={list.length === 0} onClick={() => setOpen(!isOpen)}>
        Several…
      </button>
      {isOpen && (
        <fieldset className="several">
          <legend>
            Projects to watch together, at most {maxProjects} {projects.hasMore && '(the first hundred are listed)'}
          </legend>
          {list.map(p => (
            <label key={p.id}>
              <input
                type="checkbox"
                checked={groupIds.includes(p.id)}
                disabled={groupIds.includes(p.id) ? groupIds.length === 1 : groupIds.length >= maxProjects}
                onChange={() => toggle(p.id)}
              />{' '}
              {p.name ?? p.id}
            </label>
          ))}
          <button type="button" onClick={() => setOpen(false)}>
            Done
          </button>
        </fieldset>
      )}
    </div>
  );
}
