import { useState } from 'react';
import { periods, type Period } from './time';
import type { Changes } from './useAddress';

/** Chooses a period that ends now, or days. */
export function PeriodChoice({ period, address, go }: { period: Period; address: URLSearchParams; go: (changes: Changes) => void }) {
  const [isOpen, setOpen] = useState(period.key === null);
  const showsDays = isOpen || period.key === null;
  return (
    <div className="period">
      <div className="segments" role="group" aria-label="Period">
        {Object.entries(periods).map(([key, { name }]) => (
          <button
            key={key}
            type="button"
            aria-pressed={key === period.key}
            onClick={() => {
              setOpen(false);
              go({ period: key, from: null, to: null });
            }}
          >
            {name}
          </button>
        ))}
        <button type="button" aria-pressed={period.key === null} aria-expanded={showsDays} onClick={() => setOpen(!isOpen)}>
          Days
        </button>
      </div>
      {showsDays && (
        <span className="days">
          <label>
            From <input type="date" value={address.get('from') ?? ''} onChange={event => go({ from: event.target.value || null, period: null })} />
          </label>
          <label>
            to <input type="date" value={address.get('to') ?? ''} onChange={event => go({ to: event.target.value || null })} />
          </label>
        </span>
      )}
    </div>
  );
}
