import { useEffect, useState } from 'react';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const periods = {
  '24h': { name: '24 hours', length: day, bucket: hour },
  '7d': { name: '7 days', length: 7 * day, bucket: 6 * hour },
  '30d': { name: '30 days', length: 30 * day, bucket: day },
} as const;

export type Period = keyof typeof periods;

/** Formats how long ago a time was, in the largest unit that fits. */
export function age(from: Date, now: Date): string {
  const ms = Math.max(0, now.getTime() - from.getTime());
  if (ms < minute) {
    return `${Math.floor(ms / 1000)} s`;
  }
  if (ms < hour) {
    return `${Math.floor(ms / minute)} min`;
  }
  return ms < 2 * day ? `${Math.floor(ms / hour)} h` : `${Math.floor(ms / day)} days`;
}

/** Formats a duration in two units. */
export function lasted(from: Date, to: Date): string {
  const s = Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
  if (s < 60) {
    return `${s} s`;
  }
  return s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const moment = (date: Date) => format.format(date);

/** Returns the current time, which is updated at an interval in milliseconds. */
export function useNow(every: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
