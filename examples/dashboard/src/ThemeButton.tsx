import { useEffect, useState } from 'react';

const themes = ['system', 'light', 'dark'] as const;

/** Selects light, dark, or the system's theme. */
export function ThemeButton() {
  const [theme, setTheme] = useState(() => themes.find(t => t === localStorage.getItem('dashboard:theme')) ?? 'system');
  useEffect(() => {
    localStorage.setItem('dashboard:theme', theme);
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const name = { system: 'Auto', light: 'Light', dark: 'Dark' }[theme];
  return (
    <button type="button" className="theme" aria-label={`Colours: ${name}`} onClick={() => setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]!)}>
      <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">
        <circle cx="12" cy="12" r="8.25" fill="none" stroke="currentColor" strokeWidth="1.75" />
        <path d="M12 3.75a8.25 8.25 0 0 1 0 16.5z" fill="currentColor" />
      </svg>
      <span>{name}</span>
    </button>
  );
}
