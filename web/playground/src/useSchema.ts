import type { GraphQLSchema } from 'graphql';
import { useEffect, useState } from 'react';
import { useSession } from '../../../examples/dashboard/src/login/session';
import type { PageData } from './data';
import { fetchSchema } from './gateway';

export interface Schema {
  /** Null while there is none. */
  schema: GraphQLSchema | null;
  /** Why it could not be read; null where it was not asked for. */
  problem: string | null;
  reload: () => void;
}

/** Reads the schema when the page's user may: at once, or when there is a token. */
export function useSchema({ schema: isServed, login }: PageData): Schema {
  const { token } = useSession();
  const [schema, setSchema] = useState<GraphQLSchema | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const isWanted = isServed && (!login.required || token !== null);
  useEffect(() => {
    let isCurrent = true;
    setProblem(null);
    if (isWanted) {
      fetchSchema().then(
        found => isCurrent && setSchema(found),
        (error: Error) => isCurrent && setProblem(error.message),
      );
    }
    return () => void (isCurrent = false);
  }, [isWanted, token, attempt]);
  return { schema, problem, reload: () => setAttempt(n => n + 1) };
}
