// Queries the gateway that served this page.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import type { Mode } from './data';

/** Relative to the page, so that it works below any path of a proxy. */
export const endpoint = new URL('graphql', document.baseURI).href;

/** Returns a fetcher that reports the mode of each answer, which can change when the gateway restarts. */
export function fetcherTelling(onMode: (mode: Mode) => void): Fetcher {
  return createGraphiQLFetcher({
    url: endpoint,
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const mode = response.headers.get('X-Atlas-Mode');
      if (mode === 'demo' || mode === 'live') {
        onMode(mode);
      }
      return response;
    },
  });
}

export interface Project {
  id: string;
  name: string | null;
}

/** Returns the projects that the gateway lists, at most a hundred. Throws the gateway's error. */
export async function fetchProjects(headers: Record<string, string>): Promise<Project[]> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json;q=0.9', ...headers },
    body: JSON.stringify({ query: 'query Projects { projects(first: 100) { nodes { id name } } }' }),
  });
  const answer = (await response.json()) as {
    data?: { projects?: { nodes: Project[] } | null };
    errors?: { message: string }[];
  };
  const projects = answer.data?.projects?.nodes;
  if (!projects) {
    throw new Error(answer.errors?.[0]?.message ?? 'the gateway gave no answer');
  }
  return projects;
}
