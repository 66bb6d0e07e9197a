// What happens once, when the editors are ready.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

interface Props {
  /** The operation to choose, of those in a document that a link shared. */
  operationName?: string | null;
  /** Whether to run the operation. */
  runs: boolean;
}

export function Opening({ operationName, runs }: Props) {
  const ready = useGraphiQL(state => Boolean(state.queryEditor && state.variableEditor && state.responseEditor && state.documentAST));
  const { run, setOperationName } = useGraphiQLActions();
  const done = useRef(false);
  useEffect(() => {
    if (!ready || done.current) {
      return;
    }
    done.current = true;
    performance.mark('editor-ready'); // for whoever measures
    if (operationName) {
      setOperationName(operationName);
    }
    if (runs) {
      void run();
    }
  }, [ready, run, runs, operationName, setOperationName]);
  return null;
}
