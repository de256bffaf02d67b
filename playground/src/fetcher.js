// Sends operations to `/graphql` of this origin, and carries the token from tab to tab in memory.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
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

/**
 * Runs an operation: a subscription on a socket of its own, everything else by POST.
 *
 * The socket opens when a subscription is run, with the headers of its tab as the payload of `connection_init`. It is not
 * opened again when it was closed: the person is told the reason, and no events go missing unseen in between.
 */
export function fetcher(params, options) {
  const headers = withAuthorization(options?.headers);
  const send = createGraphiQLFetcher({
    url: endpoint.href,
    wsClient: createClient({ url: socket.href, connectionParams: headers, retryAttempts: 0 }),
    // The server answers with one JSON body; asking for `multipart/mixed` would only restrict what it may send.
    enableIncrementalDelivery: false,
  });
  return send(params, { ...options, headers });
}
