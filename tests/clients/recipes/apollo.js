import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { from, switchMap, tap } from 'rxjs';

import { resuming } from './resuming.js';

// recipe: Apollo Client
export function createApolloClient({ url, socketUrl, session, fetch }) {
  const socket = createClient({
    url: socketUrl,
    connectionParams: () => session.freshHeaders(),
    retryAttempts: 0,
    // A connection that is gone is noticed when something is sent on it.
    keepAlive: 20_000,
  });
  const requests = ApolloLink.from([
    refreshing(session),
    new SetContextLink(({ headers }) => ({ headers: { ...headers, ...session.headers } })),
    new PersistedQueryLink({ sha256 }),
    new HttpLink({ uri: url, fetch }),
  ]);
  return new ApolloClient({
    cache: new InMemoryCache({ typePolicies }),
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(resuming(socket, session)), requests),
  });
}

const isSubscription = ({ operationType }) => operationType === 'subscription';

/**
 * What happens to tasks from `after` on, which is the `latestCursor` of `taskChanges`, read before the tasks. Apollo puts
 * the task of each event into its cache; lists are read again when a task has come or gone.
 */
export function followTasks(client, query, after) {
  const update = ({ data }) => {
    if (!data || data.taskChanged.kind === 'UPDATED') return;
    client.refetchQueries({ updateCache: (cache) => cache.evict({ fieldName: 'tasks' }) });
  };
  return client.subscribe({ query, variables: { after } }).pipe(tap(update));
}

/** Lists of one filter and order are one list. Without the keys, pages of different lists would be mixed. */
const typePolicies = {
  Query: { fields: { tasks: relayStylePagination(['filter', 'orderBy']), projects: relayStylePagination() } },
  Project: { fields: { tasks: relayStylePagination(['filter', 'orderBy']), members: relayStylePagination() } },
  Task: { fields: { subtasks: relayStylePagination(), comments: relayStylePagination() } },
};
// end of recipe

/** Refreshes the session when the access token has expired, and sends the operation once more. */
function refreshing(session) {
  return new ErrorLink(({ error, operation, forward }) => {
    if (!hasCode(error, 'UNAUTHENTICATED') || !session.headers.Authorization) return undefined;
    return from(session.refresh()).pipe(switchMap(() => forward(operation)));
  });
}

/** Whether one of the errors bears the code of the table "Error codes". */
export function hasCode(error, code) {
  return CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === code);
}

/** Browsers offer `crypto.subtle` on `https` and on `localhost` only. */
async function sha256(text) {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
