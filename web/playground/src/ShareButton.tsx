import { ToolbarButton, useGraphiQL } from '@graphiql/react';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { linkTo, type Link } from './share';

export function ShareButton() {
  const queryEditor = useGraphiQL(state => state.queryEditor);
  const variableEditor = useGraphiQL(state => state.variableEditor);
  const operationName = useGraphiQL(state => state.operationName);
  const schema = useGraphiQL(state => state.schema);
  const [said, setSaid] = useState('');

  const share = async () => {
    const query = queryEditor?.getValue() ?? '';
    const link = linkTo({ query, operationName, variables: variableEditor?.getValue() }, schema, location.href);
    history.replaceState(null, '', link.url);
    setSaid(`${await copied(link.url)} ${contents(link)}`);
  };
  return (
    <>
      <ToolbarButton label="Link to this operation" onClick={() => void share()}>
        <LinkIcon />
      </ToolbarButton>
      {createPortal(
        <p className="said" role="status" hidden={said === ''}>
          {said}{' '}
          <button type="button" onClick={() => setSaid('')}>
            Close
          </button>
        </p>,
        document.body,
      )}
    </>
  );
}

/** Copies the URL and says so, or says where it is: browsers deny the clipboard to pages of other machines by plain HTTP. */
async function copied(url: string): Promise<string> {
  try {
    await navigator.clipboard.writeText(url);
    return 'A link to this operation was copied.';
  } catch {
    return 'A link to this operation stands in the address bar.';
  }
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
