// The pane that explains the product to new users.
import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import type { Example } from './data';

export function startPlugin(examples: Example[]): GraphiQLPlugin {
  return { title: 'Start here', icon: CompassIcon, content: () => <Start examples={examples} /> };
}

function Start({ examples }: { examples: Example[] }) {
  const open = useOpenExample();
  return (
    <section className="start" aria-label="Start here">
      <h2>Start here</h2>
      <p>
        This gateway serves the restore jobs of MongoDB Atlas, from whichever API of Atlas has the job: the serverless
        one, Flex or Dedicated.
      </p>
      {examples.length > 0 && (
        <>
          <h3>Examples</h3>
          <ul>
            {examples.map(example => (
              <li key={example.name}>
                <button type="button" onClick={() => open(example)}>
                  <b>{example.name}</b>
                  <span>{example.title}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>How to go on</h3>
      <ul className="start-hints">
        <li>
          Run the operation with <kbd>Ctrl</kbd> <kbd>Enter</kbd>, or the round button beside it.
        </li>
        <li>Ids go into Variables, below the operation.</li>
        <li>
          The Docs on the left describe every field; <kbd>Ctrl</kbd> <kbd>Alt</kbd> <kbd>K</kbd> searches them.
        </li>
        <li>What Atlas leaves out is null. Why a field could not be read stands in errors, with a code for programs.</li>
        <li>
          Where the gateway asks who you are, sign in above, or write headers of your own into Headers, below the operation. Neither is stored, and no link
          carries them.
        </li>
      </ul>
      <p>
        <a href="playground/licenses.md">Licenses of what this page is made of</a>
      </p>
    </section>
  );
}

/** Opens an example in a new tab, or the tab that has it already. */
function useOpenExample() {
  const { addTab, changeTab } = useGraphiQLActions();
  const tabs = useGraphiQL(state => state.tabs);
  const queryEditor = useGraphiQL(state => state.queryEditor);
  const variableEditor = useGraphiQL(state => state.variableEditor);
  return (example: Example) => {
    const open = tabs.findIndex(tab => tab.query === example.query && tab.variables === example.variables);
    if (open >= 0) {
      changeTab(open);
      return;
    }
    addTab();
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(example.variables);
  };
}

function CompassIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <circle cx="12" cy="12" r="9.25" />
      <path d="m15.8 8.2-2.1 5.5-5.5 2.1 2.1-5.5z" />
    </svg>
  );
}
