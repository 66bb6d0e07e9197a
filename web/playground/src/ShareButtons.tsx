import { ToolbarButton, useGraphiQL } from '@graphiql/react';
import { useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { session } from '../../../examples/dashboard/src/login/session';
import { curlOf } from './curl';
import { endpoint } from './gateway';
import { linkTo, type Link } from './share';

/** Buttons that copy the operation: as a link to this page, and as a line for curl. */
export function ShareButtons() {
  const queryEditor = useGraphiQL(state => state.queryEditor);
  const variableEditor = useGraphiQL(state => state.variableEditor);
  const headerEditor = useGraphiQL(state => state.headerEditor);
  const operationName = useGraphiQL(state => state.operationName);
  const schema = useGraphiQL(state => state.schema);
  const [said, setSaid] = useState<ReactNode>(null);

  const operation = () => ({ query: queryEditor?.getValue() ?? '', operationName, variables: variableEditor?.getValue() });
  const copy = async (text: string, name: string, more: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(`${name} was copied. ${more}`);
    } catch {
      // Browsers deny the clipboard to pages that were loaded from other machines without HTTPS.
      setSaid(
        <label>
          The browser does not let this page copy: take it from here. {more} <input readOnly autoFocus value={text} onFocus={event => event.target.select()} />
        </label>,
      );
    }
  };
  const share = () => {
    const link = linkTo(operation(), schema, location.href);
    return copy(link.url, 'A link to this operation', contents(link));
  };
  const curl = () => {
    const { line, leftOut } = curlOf(endpoint, operation(), headerEditor?.getValue(), session.read().token !== null);
    return copy(line, 'A line for curl', leftOut ? 'It takes the token from the variable TOKEN, and has no other header of this tab.' : 'It has no header of this tab.');
  };
  return (
    <>
      <ToolbarButton label="Link to this operation" onClick={() => void share()}>
        <LinkIcon />
      </ToolbarButton>
      <ToolbarButton label="Copy as curl" onClick={() => void curl()}>
        <PromptIcon />
      </ToolbarButton>
      {createPortal(
        <div className="said" role="status" hidden={said === null}>
          {said}{' '}
          <button type="button" onClick={() => setSaid(null)}>
            Close
          </button>
        </div>,
        document.body,
      )}
    </>
  );
}

function contents({ carried, leftOut }: Link): string {
  const names = (list: string[]) => list.map(name => `$${name}`).join(', ');
  return (
    (carried.length > 0 ? `It carries ${names(carried)}, ` : 'It carries no variables, ') +
    (leftOut.length > 0 ? `not ${names(leftOut)}, and no headers.` : 'and no headers.')
  );
}

function LinkIcon() {
  return (
    <svg className="graphiql-toolbar-icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M8.4 11.6a3.2 3.2 0 0 0 4.6 0l2.9-2.9a3.25 3.25 0 0 0-4.6-4.6l-1 1" />
      <path d="M11.6 8.4a3.2 3.2 0 0 0-4.6 0l-2.9 2.9a3.25 3.25 0 0 0 4.6 4.6l1-1" />
    </svg>
  );
}

function PromptIcon() {
  return (
    <svg className="graphiql-toolbar-icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="m4 5.5 5 4.5-5 4.5M10.5 15H16" />
    </svg>
  );
}
