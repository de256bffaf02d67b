import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';

import { resuming } from './resuming.js';

const { Environment, Network, Observable, RecordSource, Store } = relay;

// recipe: Relay
export function createRelayEnvironment({ url, socketUrl, session }) {
  const connectionParams = () => session.freshHeaders();
  const socket = resuming(createClient({ url: socketUrl, connectionParams, retryAttempts: 0 }), session);
  const ask = async ({ text }, variables) => {
    const headers = { 'Content-Type': 'application/json', ...(await session.freshHeaders()) };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) });
    return response.json();
  };
  const subscribe = ({ text }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
  return new Environment({ network: Network.create(ask, subscribe), store: new Store(new RecordSource()) });
}
// end of recipe
