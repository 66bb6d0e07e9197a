import './nonce'; // before any library creates a style element
import './workers';
import { createRoot } from 'react-dom/client';
import { beginSession } from '../../../examples/dashboard/src/login/methods';
import { App } from './App';
import { readPageData } from './data';
import { sharedBy } from './share';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';

const data = readPageData();
await beginSession(data.login);
const shared = sharedBy(location.hash);
if (shared) {
  // Edits from here on are not part of the shared link.
  history.replaceState(null, '', location.pathname + location.search);
}
// A link was pasted while the page is open.
addEventListener('hashchange', () => {
  if (sharedBy(location.hash)) {
    location.reload();
  }
});

createRoot(document.getElementById('root')!).render(<App data={data} shared={shared} />);
