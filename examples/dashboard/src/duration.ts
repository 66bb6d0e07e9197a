/** Returns how long a job took, in milliseconds; null where Atlas does not say. */
export const durationOf = (job: { createdAt: string | null; finishedAt: string | null }) =>
  job.createdAt && job.finishedAt ? Date.parse(job.finishedAt) - Date.parse(job.createdAt) : null;
