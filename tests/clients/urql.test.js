import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gql } from '@urql/core';

import { createUrqlClient, hasCode } from './recipes/urql.js';
import { CREATE_TASK, TASKS } from './support/documents.js';
import { startServer } from './support/server.js';
import { expiry, makeTasks, newUser } from './support/user.js';
import { recordingFetch } from './support/wire.js';

const VIEWER = gql`query Viewer { viewer { id username } rateLimit { cost { remaining } } }`;

async function urql(t, settings) {
  const server = await startServer(t, settings);
  const user = await newUser(server);
  const fetch = recordingFetch();
  const client = createUrqlClient({ url: server.url, session: user.session, fetch });
  return { server, user, fetch, client };
}

test('pages are merged into one list, with no task missed and none twice', async (t) => {
  const { user, client } = await urql(t);
  const titles = ['Task 1', 'Task 2', 'Task 3', 'Task 4', 'Task 5', 'Task 6', 'Task 7', 'Task 8'];
  await makeTasks(user, titles);

  let { data } = await client.query(TASKS, {});
  let pages = 1;
  while (data.tasks.pageInfo.hasNextPage) {
    ({ data } = await client.query(TASKS, { after: data.tasks.pageInfo.endCursor }));
    pages += 1;
  }
  assert.equal(pages, 3);
  const { tasks } = client.readQuery(TASKS, {}).data;
  assert.deepEqual(tasks.edges.map(({ node }) => node.title), titles);
  assert.deepEqual([tasks.totalCount, tasks.pageInfo.hasNextPage], [8, false]);
});

test('a document is sent once, and its hash alone from then on', async (t) => {
  const { client, fetch } = await urql(t);
  for (let n = 0; n < 2; n += 1) {
    const { data } = await client.query(VIEWER, {}, { requestPolicy: 'network-only' });
    assert.ok(data.viewer.id);
  }
  assert.deepEqual(
    fetch.exchanges.map(({ body }) => [Boolean(body.query), Boolean(body.extensions?.persistedQuery)]),
    [[false, true], [true, true], [false, true]],
  );
});

test('where persisted documents are off, the client sees it and sends no hash any more', async (t) => {
  const { client, fetch } = await urql(t, { 'persisted.mode': 'off' });
  for (let n = 0; n < 2; n += 1) {
    const { data } = await client.query(VIEWER, {}, { requestPolicy: 'network-only' });
    assert.ok(data.viewer.id);
  }
  assert.deepEqual(
    fetch.exchanges.map(({ body }) => [Boolean(body.query), Boolean(body.extensions?.persistedQuery)]),
    [[false, true], [true, false], [true, false]],
  );
});

test('an access token that has expired is refreshed before anything is sent with it', async (t) => {
  const { server, user, client, fetch } = await urql(t, { 'auth.access_token_seconds': 2 });
  const before = user.session.headers.Authorization;
  await expiry(server, user.session);

  const answers = await Promise.all([
    client.query(VIEWER, {}),
    client.query(TASKS, {}),
    client.mutation(CREATE_TASK, { input: { title: 'Water the plants' } }),
  ]);
  assert.deepEqual(answers.map(({ error }) => error), [undefined, undefined, undefined]);
  assert.deepEqual(fetch.exchanges.filter(({ status }) => status === 401), []);
  assert.notEqual(user.session.headers.Authorization, before);
});

test('a form is told of every invalid field', async (t) => {
  const { client } = await urql(t);
  const { error } = await client.mutation(CREATE_TASK, { input: { title: '<b>', description: 'bell: \u0007' } });
  assert.ok(hasCode(error, 'BAD_USER_INPUT'));
  assert.deepEqual(
    error.graphQLErrors[0].extensions.fields.map(({ path, code }) => [path.join('.'), code]),
    [['input.title', 'INVALID_CHARACTER'], ['input.description', 'INVALID_CHARACTER']],
  );
});

test('a caller who asks too much is told which budget is used up, and for how long', async (t) => {
  const { client } = await urql(t, { 'rate_limit.user': '2/hour' });
  await client.query(VIEWER, {});
  const { error } = await client.query(TASKS, {});
  assert.ok(hasCode(error, 'RATE_LIMITED'));
  assert.equal(error.graphQLErrors[0].extensions.policy, 'requests');
  assert.equal(error.response.status, 429);
  assert.ok(Number(error.response.headers.get('Retry-After')) > 0);
});
