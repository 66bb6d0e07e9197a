import { useEffect, useState } from 'react';

/** A button that copies a text. Browsers deny the clipboard to pages that were loaded without HTTPS from other machines. */
export function Copy({ text, name, label }: { text: string; name: string; label?: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = said ? setTimeout(() => setSaid(''), 2500) : undefined;
    return () => clearTimeout(timer);
  }, [said]);
  const copy = () =>
    (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error())).then(
      () => setSaid('Copied'),
      () => setSaid('The browser does not allow it'),
    );
  return (
    <button
      type="button"
      className={label ? 'copy copy-labelled' : 'copy'}
      aria-label={label ? undefined : `Copy ${name}`}
      title={`Copy ${name}`}
      onClick={event => {
        event.stopPropagation();
        void copy();
      }}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
        <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
        <path d="M10.5 5.5v-2a1.5 1.5 0 0 0-1.5-1.5H4A1.5 1.5 0 0 0 2.5 3.5V9A1.5 1.5 0 0 0 4 10.5h1.5" />
      </svg>
      {label}
      <span role="status">{said}</span>
    </button>
  );
}
