import { createRoot } from 'react-dom/client';
import { Provider } from 'urql';
import { App } from './App';
import { client } from './client';
import { pageData } from './data';
import { beginSession } from './login/methods';
import './style.css';

await beginSession(pageData.login);
createRoot(document.getElementById('root')!).render(
  <Provider value={client}>
    <App />
  </Provider>,
);
