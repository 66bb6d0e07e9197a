// Queries the gateway that served this page.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-sse';
import type { Mode } from './data';

/** Relative to the page, so that it works below any path of a proxy. */
export const endpoint = new URL('graphql', document.baseURI).href;

/**
 * Returns a fetcher that reports the mode of each answer, which can change when the gateway restarts. It subscribes by
 * server-sent events, because they are sent with the headers of the tab; of a WebSocket a page cannot set any.
 */
export function fetcherTelling(onMode: (mode: Mode) => void): Fetcher {
  const fetchAndTell: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const mode = response.headers.get('X-Atlas-Mode');
    if (mode === 'demo' || mode === 'live') {
      onMode(mode);
    }
    return response;
  };
  const query = createGraphiQLFetcher({ url: endpoint, fetch: fetchAndTell });
  return (parameters, options) => {
    const operation = options?.documentAST && getOperationAST(options.documentAST, parameters.operationName);
    if (operation?.operation !== 'subscription') {
      return query(parameters, options);
    }
    const headers = options?.headers as Record<string, string> | undefined;
    const { query: document, variables, operationName } = parameters;
    return createClient({ url: endpoint, fetchFn: fetchAndTell, headers }).iterate({
      query: document, variables: variables as Record<string, unknown>, operationName: operationName ?? undefined,
    }) as ReturnType<Fetcher>;
  };
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
