// Shows the project that the open tab queries, and selects another one: its id is written to the variable groupId of all tabs
// that have one.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSession } from '../../../examples/dashboard/src/login/session';
import type { Mode } from './data';
import { fetchProjects, type Project } from './gateway';
import { parseObject } from './share';

export function ProjectChoice({ mode, mayAsk }: { mode: Mode; mayAsk: boolean }) {
  const tabs = useGraphiQL(state => state.tabs);
  const active = useGraphiQL(state => state.activeTabIndex);
  const { moveTab } = useGraphiQLActions();
  const tab = useGraphiQL(state => state.tabs[state.activeTabIndex]);
  const variableEditor = useGraphiQL(state => state.variableEditor);
  const { projects, failure, load } = useProjects(mode, mayAsk);

  const written = /\bgroupId:\s*"([a-f0-9]{24})"/.exec(tab?.query ?? '')?.[1];
  // A tab without a project shows that of the others.
  const holder = hasVariable(tab?.query) ? tab : tabs.find(other => hasVariable(other.query));
  const canChoose = holder !== undefined;
  const current = tab !== holder && written ? written : idIn(parseObject(holder?.variables).groupId);

  const choose = (groupId: string) => {
    // The open tab stands in the editor. moveTab is GraphiQL's only way to change the others.
    moveTab(tabs.map((other, i) => (i !== active && hasVariable(other.query) ? { ...other, variables: withProject(other.variables, groupId) } : other)));
    if (hasVariable(tab?.query)) {
      variableEditor?.setValue(withProject(variableEditor.getValue(), groupId));
    }
  };
  return (
    <label className="bar-project">
      <span>Project</span>
      <select
        aria-label="Project"
        value={current}
        disabled={!canChoose || !variableEditor}
        title={canChoose ? undefined : 'No tab has a variable $groupId to choose a project by'}
        onFocus={load}
        onChange={event => choose(event.target.value)}
      >
        {current === '' && <option value="">{failure ?? (canChoose ? 'choose one' : 'none')}</option>}
        {current !== '' && !projects.some(p => p.id === current) && <option value={current}>{current}</option>}
        {projects.map(p => (
          <option key={p.id} value={p.id}>
            {p.name ? `${p.name} (${p.id})` : p.id}
          </option>
        ))}
      </select>
    </label>
  );
}

const hasVariable = (query: string | null | undefined) => /\$groupId\b/.test(query ?? '');

const withProject = (variables: string | null | undefined, groupId: string) => JSON.stringify({ ...parseObject(variables), groupId }, null, 2);

function idIn(value: unknown): string {
  return typeof value === 'string' && /^[a-f0-9]{24}$/.test(value) ? value : '';
}

/** Returns the projects to select from. Outside of demo mode they are read when the selection opens, because that costs an Atlas call. */
function useProjects(mode: Mode, mayAsk: boolean) {
  const headerEditor = useGraphiQL(state => state.headerEditor);
  const [projects, setProjects] = useState<Project[]>([]);
  const [failure, setFailure] = useState<string>();
  const asked = useRef(false);
  const { token } = useSession();
  useEffect(() => {
    // Another caller may read other projects.
    asked.current = false;
    setFailure(undefined);
  }, [token]);

  const load = useCallback(() => {
    if (asked.current) {
      return;
    }
    asked.current = true;
    setFailure(undefined);
    fetchProjects(parseObject(headerEditor?.getValue()) as Record<string, string>).then(setProjects, (error: Error) => {
      asked.current = false; // the next attempt may have an Authorization header
      setFailure(`cannot be listed: ${error.message}`);
    });
  }, [headerEditor]);

  useEffect(() => {
    if (mode === 'demo' && mayAsk) {
      load();
    }
  }, [mode, mayAsk, load]);
  return { projects, failure, load };
}
