// The data that the gateway writes into the page.
import type { Methods } from '../../../examples/dashboard/src/login/methods';

export type Mode = 'demo' | 'live';

/** An example operation with its variables. */
export interface Example {
  /** The name of the operation, and of its tab. */
  name: string;
  /** A short description. */
  title: string;
  query: string;
  /** A JSON object, indented. */
  variables: string;
}

export interface PageData {
  mode: Mode;
  /** The gateway serves the dashboard, too. */
  dashboard: boolean;
  /** The gateway serves its schema to the page. */
  schema: boolean;
  login: Methods;
  examples: Example[];
}

// Vite's own server writes no data into the page.
const nothing: PageData = { mode: 'live', dashboard: false, schema: true, login: { bearer: true, required: false }, examples: [] };

export function readPageData(): PageData {
  try {
    return JSON.parse(document.getElementById('page-data')?.textContent ?? '') as PageData;
  } catch {
    return nothing;
  }
}
