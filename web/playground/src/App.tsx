import { DocExplorerStore, DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { GraphiQLProvider } from '@graphiql/react';
import { GraphiQL, GraphiQLInterface } from 'graphiql';
import { useMemo, useState } from 'react';
import { useSession } from '../../../examples/dashboard/src/login/session';
import { Bar } from './Bar';
import type { PageData } from './data';
import { EditorOptions } from './EditorOptions';
import { fetcherReporting } from './gateway';
import { Opening } from './Opening';
import { Roles } from './Roles';
import { reportRun, RunLine } from './RunLine';
import { LoginNotice, SchemaNotice } from './notices';
import { ShareButtons } from './ShareButtons';
import type { Operation } from './share';
import { startPlugin } from './start';
import { modeStorage } from './storage';
import { useSchema } from './useSchema';

const docs = { ...DOC_EXPLORER_PLUGIN, title: 'Docs' };
const explorer = { ...explorerPlugin({}), title: 'Explorer' };

interface Props {
  data: PageData;
  /** The operation that the page's link shares. */
  shared: Operation | null;
}

export function App({ data, shared }: Props) {
  const [mode, setMode] = useState(data.mode);
  // Created once: GraphiQL starts again whenever its fetcher changes.
  const [fetcher] = useState(() => fetcherReporting(setMode, reportRun));
  const schema = useSchema(data);
  const mayAsk = useSession().token !== null || !data.login.required;
  const [wantsLogin, setWantsLogin] = useState(false);
  const first = useMemo(() => firstState(data, shared), [data, shared]);

  return (
    <GraphiQLProvider
      fetcher={fetcher}
      schema={schema.schema}
      storage={first.storage}
      shouldPersistHeaders={false}
      plugins={first.plugins}
      referencePlugin={docs}
      visiblePlugin={first.visiblePlugin}
      defaultTabs={first.tabs}
      initialQuery={first.opened?.query}
      initialVariables={first.opened?.variables ?? undefined}
      customScalarSchemas={scalars}
      inputValueDeprecation
      schemaDescription
    >
      <HistoryStore>
        <DocExplorerStore>
          <Bar mode={mode} data={data} onLogin={() => setWantsLogin(true)} />
          <LoginNotice data={data} isWanted={wantsLogin} />
          <SchemaNotice data={data} schema={schema} />
          <EditorOptions />
          <Roles />
          <Opening operationName={shared?.operationName} runs={first.runs && mayAsk} />
          <main className="playground">
            <GraphiQLInterface showPersistHeadersSettings={false} defaultEditorToolsVisibility="variables">
              <GraphiQL.Logo>{null}</GraphiQL.Logo>
              <GraphiQL.Toolbar>
                {({ prettify, merge, copy }) => (
                  <>
                    {prettify}
                    {merge}
                    {copy}
                    <ShareButtons />
                  </>
                )}
              </GraphiQL.Toolbar>
            </GraphiQLInterface>
          </main>
          <RunLine />
        </DocExplorerStore>
      </HistoryStore>
    </GraphiQLProvider>
  );
}

/** Returns the state of the page when it opens: the examples on the first visit, later the stored tabs. */
function firstState(data: PageData, shared: Operation | null) {
  const storage = modeStorage(data.mode);
  const start = startPlugin(data.examples);
  const isNew = storage.getItem('graphiql:tabState') === null;
  const tabs = [...(shared ? [shared] : []), ...data.examples];
  return {
    storage,
    plugins: [start, docs, explorer, HISTORY_PLUGIN],
    // On a narrow screen the pane would cover the editor that it explains.
    visiblePlugin: isNew && innerWidth >= 900 ? start : undefined,
    tabs,
    // GraphiQL fills the editors from these and not from the first tab.
    opened: shared ?? (isNew ? tabs[0] : undefined),
    // The first visit of the demo shows an answer. Outside of demo mode only users run operations.
    runs: isNew && !shared && data.mode === 'demo',
  };
}

/** JSON schemas of the custom scalars, with which the editor validates variables. */
const scalars = {
  ObjectID: { type: 'string', pattern: '^[a-f0-9]{24}$' },
  ClusterName: { type: 'string', pattern: '^[a-zA-Z0-9][a-zA-Z0-9-]*$' },
  DateTime: { type: 'string', format: 'date-time' },
  Long: { type: 'integer' },
} as const;
