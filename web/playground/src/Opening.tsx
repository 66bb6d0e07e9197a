// Runs once, when the editors are ready.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect, useRef } from 'react';

interface Props {
  /** The operation to select in the document of a shared link. */
  operationName?: string | null;
  /** Run the operation, when it may be: later, where a token is needed. */
  runs: boolean;
}

export function Opening({ operationName, runs }: Props) {
  const ready = useGraphiQL(state => Boolean(state.queryEditor && state.variableEditor && state.responseEditor && state.documentAST));
  const { run, setOperationName } = useGraphiQLActions();
  const done = useRef({ opened: false, ran: false });
  useEffect(() => {
    if (!ready) {
      return;
    }
    if (!done.current.opened) {
      done.current.opened = true;
      performance.mark('editor-ready'); // read by test/web
      if (operationName) {
        setOperationName(operationName);
      }
    }
    if (runs && !done.current.ran) {
      done.current.ran = true;
      void run();
    }
  }, [ready, run, runs, operationName, setOperationName]);
  return null;
}
