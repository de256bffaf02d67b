import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { authExchange } from '@urql/exchange-auth';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { createClient } from 'graphql-sse';

import { resuming } from './resuming.js';

// recipe: urql
export function createUrqlClient({ url, session, fetch }) {
  const stream = resuming(createClient({ url, headers: () => session.freshHeaders(), retryAttempts: 0 }), session);
  return new Client({
    url,
    fetch,
    // urql asks by GET unless told otherwise, and the server takes a GET only as its setting `graphql.get` says.
    preferGetMethod: false,
    exchanges: [
      cacheExchange({ keys, resolvers, updates }),
      refreshing(session),
      persistedExchange({ preferGetForPersistedQueries: false }),
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: stream.subscribe(request, sink) }),
        }),
      }),
      fetchExchange,
    ],
  });
}

/** What has no id is a part of what has one. */
const embedded = () => null;
const keys = {
  Budget: embedded,
  ProjectMember: embedded,
  RateLimit: embedded,
  TaskChange: ({ cursor }) => cursor,
};

/** Lists of one filter and order are one list; other lists stay apart by themselves. */
const resolvers = {
  Query: { tasks: relayPagination(), projects: relayPagination() },
  Project: { tasks: relayPagination(), members: relayPagination() },
  Task: { subtasks: relayPagination(), comments: relayPagination() },
};

/** The task of an event is put into the cache by Graphcache itself; lists are read again when a task has come or gone. */
const updates = {
  Subscription: {
    taskChanged: ({ taskChanged }, _variables, cache) => {
      if (taskChanged.kind === 'UPDATED') return;
      for (const { fieldName, arguments: filter } of cache.inspectFields('Query')) {
        if (fieldName === 'tasks') cache.invalidate('Query', fieldName, filter);
      }
    },
  },
};
// end of recipe

/** Refreshes the session when the access token has expired, and sends the operation once more. */
function refreshing(session) {
  return authExchange(async ({ appendHeaders }) => ({
    addAuthToOperation: (operation) => appendHeaders(operation, session.headers),
    willAuthError: () => session.expired,
    didAuthError: (error) => hasCode(error, 'UNAUTHENTICATED'),
    refreshAuth: () => session.refresh(),
  }));
}

/** Whether one of the errors bears the code of the table "Error codes". */
export function hasCode(error, code) {
  return error?.graphQLErrors.some(({ extensions }) => extensions?.code === code) ?? false;
}
