// Sends operations to `/graphql` of this origin, and carries the token from tab to tab in memory.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { getOperationAST } from 'graphql';
import { createClient } from 'graphql-ws';

/** What an untouched Headers pane holds: the place where the token goes. */
export const DEFAULT_HEADERS = '{\n  "Authorization": "Bearer "\n}';

/** The `Authorization` value sent last. It lives as long as the page and is never stored. */
let lastAuthorization;

/**
 * Fills a blank `Authorization` with the one sent last, so that a token pasted into one tab serves them all.
 *
 * With none to fill in, the header is left out: `Bearer` without a token would be refused as a bad token. A pane without the
 * header is left alone, which is how to call as a stranger.
 */
function withAuthorization(headers = {}) {
  const entries = Object.entries(headers).map(([name, value]) => {
    if (name.toLowerCase() !== 'authorization') return [name, value];
    if (/^\s*(bearer|token)?\s*$/i.test(value)) return [name, lastAuthorization];
    lastAuthorization = value;
    return [name, value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const endpoint = new URL('/graphql', window.location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

/** The server answers with one JSON body; asking for `multipart/mixed` would only restrict what it may send. */
const post = createGraphiQLFetcher({ url: endpoint.href, enableIncrementalDelivery: false });

/** Runs an operation: a subscription on a socket of its own, everything else by POST. */
export function fetcher(params, options) {
  const headers = withAuthorization(options?.headers);
  const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
  return operation?.operation === 'subscription' ? events(params, headers) : post(params, { ...options, headers });
}

/**
 * The events of a subscription, as an observable. The toolkit's own fetcher would throw the reason why a socket was closed
 * where nobody catches it.
 *
 * The socket opens when the subscription is run, with the headers of its tab as the payload of `connection_init`. It is not
 * opened again when it was closed: the person is told the reason, and no events go missing unseen in between.
 */
function events(params, headers) {
  return {
    subscribe({ next, error, complete }) {
      const client = createClient({ url: socket.href, connectionParams: headers, retryAttempts: 0 });
      return { unsubscribe: client.subscribe(params, { next, complete, error: (problem) => error(readable(problem)) }) };
    },
  };
}

/** What ended a subscription, in words: the errors of its operation, the closing of its socket, or no connection at all. */
function readable(problem) {
  if (Array.isArray(problem)) return problem;
  if (!problem.code) return { message: 'There is no connection to the server, or it was lost.' };
  const hint = problem.code === 4403 ? ' Get a new access token, and paste it into the Headers tab.' : '';
  return { message: `The server has closed the socket: ${problem.reason || 'it gave no reason'} (${problem.code}).${hint}` };
}
