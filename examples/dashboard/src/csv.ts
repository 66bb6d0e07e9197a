// The jobs that are shown, as a file for spreadsheets (RFC 4180). Download URLs are never among them.
import type { Job } from './useJobs';

const columns: [name: string, value: (job: Job) => string | null | undefined][] = [
  ['id', job => job.id],
  ['project', job => job.groupId],
  ['cluster', job => job.clusterName],
  ['state', job => job.state],
  ['tier', job => job.servedBy],
  ['delivery', job => job.deliveryType],
  ['target project', job => job.targetGroupId],
  ['target cluster', job => job.targetClusterName],
  ['snapshot', job => job.snapshotId],
  ['created', job => job.createdAt],
  ['finished', job => job.finishedAt],
  ['expires', job => job.expiresAt],
];

export const csvOf = (jobs: Job[]) =>
  [columns.map(([name]) => name), ...jobs.map(job => columns.map(([, value]) => value(job) ?? ''))].map(row => `${row.map(cell).join(',')}\r\n`).join('');

/** A cell. A spreadsheet takes a text that begins with = + - @ for a formula, unless an apostrophe stands before it. */
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Has the browser save the jobs. */
export function saveCSV(jobs: Job[]) {
  const url = URL.createObjectURL(new Blob([csvOf(jobs)], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: 'restore-jobs.csv' });
  link.click();
  URL.revokeObjectURL(url);
}
