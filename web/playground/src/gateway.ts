// Queries the gateway that served this page.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { buildSchema, getOperationAST, type GraphQLSchema } from 'graphql';
import { createClient } from 'graphql-sse';
import { session } from '../../../examples/dashboard/src/login/session';
import type { Mode } from './data';

/** Relative to the page, so that it works below any path of a proxy. */
export const endpoint = new URL('graphql', document.baseURI).href;

/** What is known of an answer beside its body. */
export interface Run {
  status: number;
  milliseconds: number;
  /** Of the body; null while it is a stream. */
  bytes: number | null;
  /** The calls of Atlas; null where the gateway does not say. */
  calls: string | null;
  requestId: string | null;
}

/** The headers of the page's user, and those of a tab, which come first. */
const withSession = (headers: Record<string, string> = {}) => {
  const hasOwn = Object.keys(headers).some(name => name.toLowerCase() === 'authorization');
  return { ...(hasOwn ? {} : session.headers()), ...headers };
};

/**
 * Returns a fetcher that reports the mode of each answer, which can change when the gateway restarts, and what is known of it.
 * It subscribes by server-sent events, because they are sent with the headers of the tab; of a WebSocket a page cannot set any.
 */
export function fetcherReporting(onMode: (mode: Mode) => void, onRun: (run: Run) => void): Fetcher {
  const fetchAndReport: typeof fetch = async (input, init) => {
    const start = performance.now();
    const headers = new Headers(init?.headers);
    headers.set('X-Atlas-Cost', '?1');
    const response = await fetch(input, { ...init, headers });
    const mode = response.headers.get('X-Atlas-Mode');
    if (mode === 'demo' || mode === 'live') {
      onMode(mode);
    }
    const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream');
    const bytes = isStream ? null : (await response.clone().arrayBuffer()).byteLength;
    const cost = response.headers.get('X-Atlas-Cost');
    onRun({
      status: response.status, milliseconds: performance.now() - start, bytes, calls: /calls=(\d+)/.exec(cost ?? '')?.[1] ?? null,
      requestId: response.headers.get('X-Request-Id'),
    });
    return response;
  };
  const query = createGraphiQLFetcher({ url: endpoint, fetch: fetchAndReport });
  return (parameters, options) => {
    const headers = withSession(options?.headers as Record<string, string> | undefined);
    const operation = options?.documentAST && getOperationAST(options.documentAST, parameters.operationName);
    if (operation?.operation !== 'subscription') {
      return query(parameters, { ...options, headers });
    }
    const { query: document, variables, operationName } = parameters;
    return createClient({ url: endpoint, fetchFn: fetchAndReport, headers }).iterate({
      query: document, variables: variables as Record<string, unknown>, operationName: operationName ?? undefined,
    }) as ReturnType<Fetcher>;
  };
}

/** Returns the schema that the gateway has published, without what routers need alone. Throws the gateway's error. */
export async function fetchSchema(): Promise<GraphQLSchema> {
  const response = await fetch(new URL('playground/schema', document.baseURI), {
    headers: withSession({ 'Apollo-Require-Preflight': '1' }),
  });
  if (!response.ok) {
    const answer = (await response.json().catch(() => ({}))) as { errors?: { message: string }[] };
    throw new Error(answer.errors?.[0]?.message ?? `the gateway answered with the status ${response.status}`);
  }
  return buildSchema(await response.text());
}

export interface Project {
  id: string;
  name: string | null;
}

/** Returns the projects that the gateway lists, at most a hundred. Throws the gateway's error. */
export async function fetchProjects(headers: Record<string, string>): Promise<Project[]> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json;q=0.9', ...withSession(headers) },
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
