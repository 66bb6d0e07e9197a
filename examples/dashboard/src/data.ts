// The data that the gateway writes into the page. Without them, as from vite's own server, the page asks without a token and
// offers to take one.
import type { Methods } from './login/methods';

export interface PageData {
  /** `demo` or `live`. */
  mode: string | null;
  /** The gateway serves the playground, too. */
  playground: boolean;
  /** The gateway serves mutations (--actions). */
  actions: boolean;
  login: Methods;
}

const nothing: PageData = { mode: null, playground: false, actions: false, login: { bearer: true, required: false } };

function read(): PageData {
  try {
    return JSON.parse(document.getElementById('page-data')?.textContent ?? '') as PageData;
  } catch {
    return nothing;
  }
}

export const pageData = read();
