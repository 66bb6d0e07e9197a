import { useQuery } from 'urql';
import { problemOf, type Problem } from './errors';
import { ProjectsQuery } from './queries';

interface Projects {
  list: { id: string; name: string | null }[];
  /** The project with the most clusters, which is selected at first. */
  suggested?: string;
  problem?: Problem;
  reload: () => void;
}

export function useProjects(): Projects {
  const [{ data, error }, execute] = useQuery({ query: ProjectsQuery });
  const list = data?.projects?.nodes ?? [];
  const [largest] = [...list].sort((a, b) => (b.clusterCount ?? 0) - (a.clusterCount ?? 0));
  return {
    list,
    suggested: largest?.id,
    problem: error && problemOf(error),
    reload: () => execute({ requestPolicy: 'network-only' }),
  };
}

interface Props {
  projects: Projects;
  groupId: string | undefined;
  onChoose: (groupId: string) => void;
}

export function ProjectChoice({ projects: { list }, groupId, onChoose }: Props) {
  return (
    <select className="project" aria-label="Project" value={groupId ?? ''} onChange={event => onChoose(event.target.value)}>
      {!list.some(p => p.id === groupId) && <option value={groupId ?? ''}>{groupId ?? 'No project'}</option>}
      {list.map(p => (
        <option key={p.id} value={p.id}>
          {p.name ?? p.id}
        </option>
      ))}
    </select>
  );
}
