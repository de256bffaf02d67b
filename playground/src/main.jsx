// GraphiQL on the server's own `/graphql`, opened with the operations of examples.json.
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './style.css';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import examples from './examples.json';
import { DEFAULT_HEADERS, fetcher } from './fetcher.js';
import { storage } from './storage.js';

const defaultTabs = examples.map(({ query, variables }) => ({
  query,
  variables: variables && JSON.stringify(variables, null, 2),
  headers: DEFAULT_HEADERS,
}));

createRoot(document.getElementById('root')).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    defaultTabs={defaultTabs}
    defaultHeaders={DEFAULT_HEADERS}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>Taskward</GraphiQL.Logo>
  </GraphiQL>,
);
