// The bar above the editor: the product, the mode (demo or live) and the project.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { Mode, PageData } from './data';
import { ProjectChoice } from './ProjectChoice';
import { Account } from '../../../examples/dashboard/src/login/Login';
import { useSession } from '../../../examples/dashboard/src/login/session';

const modes: Record<Mode, { name: string; meaning: string; more: string }> = {
  demo: { name: 'Demo', meaning: 'made-up jobs', more: ', no Atlas is asked' },
  live: { name: 'Live', meaning: 'jobs of your Atlas', more: ', each operation costs calls' },
};

export function Bar({ mode, data, onLogin }: { mode: Mode; data: PageData; onLogin: () => void }) {
  const { token } = useSession();
  const { name, meaning, more } = modes[mode];
  return (
    <header className="bar">
      <h1 className="bar-title">
        <Mark />
        <span>Atlas Restore Gateway</span>
      </h1>
      <p className={`bar-mode bar-mode-${mode}`} data-testid="mode">
        <b>{name}</b> {meaning}
        <span className="bar-more">{more}</span>
      </p>
      <ProjectChoice mode={mode} mayAsk={token !== null || !data.login.required} />
      <nav className="bar-links" aria-label="This gateway">
        <Account format={moment => moment.toLocaleString()} />
        {data.login.bearer && !data.login.required && !token && (
          <button type="button" onClick={onLogin}>
            Use a token
          </button>
        )}
        {data.dashboard && <a href="dashboard">Dashboard</a>}
        <ThemeButton />
      </nav>
      {mode !== data.mode && (
        <p className="notice" role="status">
          The gateway has been started again, now in mode {name.toLowerCase()}. <a href="">Load the page again</a> for what goes with it.
        </p>
      )}
    </header>
  );
}

const themes = [null, 'light', 'dark'] as const;

function ThemeButton() {
  const theme = useGraphiQL(state => state.theme);
  const { setTheme } = useGraphiQLActions();
  const name = theme === null ? 'Auto' : theme === 'light' ? 'Light' : 'Dark';
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? null;
  return (
    <button type="button" onClick={() => setTheme(next)} title={`Change the colours to ${next ?? "the system's"}`} aria-label={`Colours: ${name}`}>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <circle cx="12" cy="12" r="8.25" fill="none" stroke="currentColor" strokeWidth="1.75" />
        <path d="M12 3.75a8.25 8.25 0 0 1 0 16.5z" fill="currentColor" />
      </svg>
      <span>{name}</span>
    </button>
  );
}

function Mark() {
  return (
    <svg className="bar-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <g fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M9.4 13.1A8 8 0 1 1 8 17.5" />
        <path d="M9 7.6v5.6h5.6" />
        <path d="M16 12.6V17l3.2 2" />
      </g>
    </svg>
  );
}
