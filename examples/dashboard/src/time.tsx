// Moments and durations, in the local zone of the browser or in UTC.
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export type Zone = 'local' | 'utc';

export const ZoneContext = createContext<Zone>('local');

/** The name of the zone that times are shown in, such as CET. */
export function nameOf(zone: Zone): string {
  if (zone === 'utc') {
    return 'UTC';
  }
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts(new Date());
  return parts.find(part => part.type === 'timeZoneName')?.value ?? 'local';
}

/** Returns a function that formats moments in the zone, whose options are those of Intl. */
export function formatter(zone: Zone, options: Intl.DateTimeFormatOptions): (moment: Date) => string {
  const format = new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone === 'utc' ? 'UTC' : undefined });
  return moment => format.format(moment);
}

const exactly: Intl.DateTimeFormatOptions = {
  year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
};

/** Formats a moment to the second, with its zone. */
export const exact = (moment: Date, zone: Zone) => formatter(zone, exactly)(moment);

/** A moment: its text, and exactly, in both zones, when one points at it. */
export function Moment({ at, children }: { at: Date | string; children?: ReactNode }) {
  const zone = useContext(ZoneContext);
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={`${exact(date, 'local')}\n${exact(date, 'utc')}`}>
      {children ?? exact(date, zone)}
    </time>
  );
}

/** Formats how long ago a moment was, or how long it still is, in the largest unit that fits. */
export function roughly(ms: number): string {
  if (ms < minute) {
    return `${Math.max(0, Math.floor(ms / 1000))} s`;
  }
  if (ms < hour) {
    return `${Math.floor(ms / minute)} min`;
  }
  return ms < 2 * day ? `${Math.floor(ms / hour)} h` : `${Math.floor(ms / day)} days`;
}

/** Formats a duration in two units. */
export function precisely(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) {
    return `${s} s`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ${s % 60} s`;
  }
  return s < 48 * 3600 ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min` : `${Math.floor(s / 86400)} days ${Math.floor((s % 86400) / 3600)} h`;
}

/** Returns the current time, which is updated at an interval in milliseconds. */
export function useNow(every: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** Periods that end now. */
export const periods = {
  '24h': { name: '24 hours', length: day },
  '7d': { name: '7 days', length: 7 * day },
  '30d': { name: '30 days', length: 30 * day },
} as const;

export interface Period {
  /** One of periods, or null for days. */
  key: keyof typeof periods | null;
  name: string;
  from: Date;
  /** The end; null is now. */
  to: Date | null;
}

/** Returns the moment at which a day, such as 2026-10-25, begins in the zone, some days later; null if it is no day. */
function dayStart(text: string | null, zone: Zone, daysLater = 0): Date | null {
  const [, y, m, d] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? '') ?? [];
  if (!y) {
    return null;
  }
  const parts = [Number(y), Number(m) - 1, Number(d) + daysLater] as const;
  return zone === 'utc' ? new Date(Date.UTC(...parts)) : new Date(...parts);
}

/** Returns the period that the address names: period=7d, or from and to, which are days. */
export function periodOf(address: URLSearchParams, zone: Zone, now: number): Period {
  const from = dayStart(address.get('from'), zone);
  if (from) {
    const last = address.get('to');
    const end = dayStart(last, zone, 1);
    const to = end && end.getTime() < now && end > from ? end : null;
    return { key: null, name: `${address.get('from')} to ${to ? last : 'now'}`, from, to };
  }
  const key = (address.get('period') ?? '30d') as keyof typeof periods;
  const { name, length } = periods[key] ?? periods['30d'];
  return { key: periods[key] ? key : '30d', name, from: new Date(now - length), to: null };
}
