// What the gateway writes into the page.

export type Mode = 'demo' | 'live';

/** An operation to try, with variables that are asked for as they stand. */
export interface Example {
  /** The name of the operation, which its tab is called by. */
  name: string;
  /** What it shows, in a few words. */
  title: string;
  query: string;
  /** A JSON object, indented. */
  variables: string;
}

export interface PageData {
  mode: Mode;
  /** Whether the gateway serves the dashboard beside this page. */
  dashboard: boolean;
  examples: Example[];
}

// Without a gateway (vite's own server) nothing was written.
const nothing: PageData = { mode: 'live', dashboard: false, examples: [] };

export function readPageData(): PageData {
  try {
    return JSON.parse(document.getElementById('page-data')?.textContent ?? '') as PageData;
  } catch {
    return nothing;
  }
}
