import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gql } from '@apollo/client';

import { createApolloClient, followTasks, hasCode } from './recipes/apollo.js';
import { SessionEnded } from './recipes/session.js';
import { CREATE_TASK, LATEST_CURSOR, TASK_CHANGED, TASKS } from './support/documents.js';
import { startServer } from './support/server.js';
import { until } from './support/until.js';
import { at, expiry, makeTasks, newUser } from './support/user.js';
import './support/websocket.js';
import { recordingFetch } from './support/wire.js';

const VIEWER = gql`query Viewer { viewer { id username } }`;

async function apollo(t, settings) {
  const server = await startServer(t, settings);
  const user = await newUser(server);
  const fetch = recordingFetch();
  const client = createApolloClient({ ...server, session: user.session, fetch });
  t.after(() => client.stop());
  return { server, user, fetch, client };
}

test('pages are merged into one list, with no task missed and none twice', async (t) => {
  const { user, client } = await apollo(t);
  const titles = ['Task 1', 'Task 2', 'Task 3', 'Task 4', 'Task 5', 'Task 6', 'Task 7', 'Task 8'];
  await makeTasks(user, titles);

  const list = client.watchQuery({ query: TASKS });
  let { data } = await client.query({ query: TASKS });
  let pages = 1;
  while (data.tasks.pageInfo.hasNextPage) {
    ({ data } = await list.fetchMore({ variables: { after: data.tasks.pageInfo.endCursor } }));
    pages += 1;
  }
  assert.equal(pages, 3);
  const { tasks } = client.readQuery({ query: TASKS });
  assert.deepEqual(tasks.edges.map(({ node }) => node.title), titles);
  assert.deepEqual([tasks.totalCount, tasks.pageInfo.hasNextPage], [8, false]);
});

test('a document is sent once, and its hash alone from then on', async (t) => {
  const { client, fetch } = await apollo(t);
  for (let n = 0; n < 2; n += 1) {
    const { data } = await client.query({ query: VIEWER, fetchPolicy: 'network-only' });
    assert.ok(data.viewer.id);
  }
  assert.deepEqual(
    fetch.exchanges.map(({ body }) => [Boolean(body.query), Boolean(body.extensions?.persistedQuery)]),
    [[false, true], [true, true], [false, true]],
  );
});

test('where persisted documents are off, the client sees it and sends no hash any more', async (t) => {
  const { client, fetch } = await apollo(t, { 'persisted.mode': 'off' });
  for (let n = 0; n < 2; n += 1) {
    const { data } = await client.query({ query: VIEWER, fetchPolicy: 'network-only' });
    assert.ok(data.viewer.id);
  }
  assert.deepEqual(
    fetch.exchanges.map(({ body }) => [Boolean(body.query), Boolean(body.extensions?.persistedQuery)]),
    [[false, true], [true, false], [true, false]],
  );
});

test('an expired access token is refreshed, and what met it is sent again', async (t) => {
  const { server, user, client, fetch } = await apollo(t, { 'auth.access_token_seconds': 2 });
  const before = user.session.headers.Authorization;
  await expiry(server, user.session);

  const answers = await Promise.all([
    client.query({ query: VIEWER }),
    client.query({ query: TASKS }),
    client.mutate({ mutation: CREATE_TASK, variables: { input: { title: 'Water the plants' } } }),
  ]);
  assert.equal(answers[0].data.viewer.username, user.username);
  assert.equal(answers[2].data.createTask.task.title, 'Water the plants');
  assert.ok(fetch.exchanges.some(({ status }) => status === 401));
  assert.notEqual(user.session.headers.Authorization, before);
});

test('a session that has ended is told, and not refreshed for ever', async (t) => {
  const { server, user, client } = await apollo(t, { 'auth.access_token_seconds': 2 });
  await user.ask('mutation { logout { sessionId } }');
  await assert.rejects(client.query({ query: VIEWER }), SessionEnded);
});

test('a form is told of every invalid field', async (t) => {
  const { client } = await apollo(t);
  const input = { title: '<b>', description: 'bell: \u0007' };
  const { error } = await client.mutate({ mutation: CREATE_TASK, variables: { input }, errorPolicy: 'all' });
  assert.ok(hasCode(error, 'BAD_USER_INPUT'));
  assert.deepEqual(
    error.errors[0].extensions.fields.map(({ path, code }) => [path.join('.'), code]),
    [['input.title', 'INVALID_CHARACTER'], ['input.description', 'INVALID_CHARACTER']],
  );
});

test('a caller who asks too much is told which budget is used up, and for how long', async (t) => {
  const { client, fetch } = await apollo(t, { 'rate_limit.user': '2/hour' });
  await client.query({ query: VIEWER });
  const error = await client.query({ query: TASKS }).catch((error) => error);
  assert.ok(hasCode(error, 'RATE_LIMITED'));
  assert.equal(error.errors[0].extensions.policy, 'requests');
  const { status, headers } = fetch.exchanges.at(-1);
  assert.equal(status, 429);
  assert.ok(Number(headers.get('Retry-After')) > 0);
});

test('a subscription that loses its server comes back behind its last event, and lists show what happened', async (t) => {
  const { server, user, client } = await apollo(t);
  const { titles, list } = await following(t, client);
  await makeTasks(user, ['Task 1', 'Task 2']);
  await until('two events', () => titles.length === 2);
  await server.restart('SIGTERM', (other) => makeTasks(at(other, user), ['Task 3', 'Task 4']));
  await makeTasks(user, ['Task 5']);
  await until('the last event', () => titles.includes('Task 5'));
  assert.deepEqual(titles, ['Task 1', 'Task 2', 'Task 3', 'Task 4', 'Task 5']);
  await until('the list to be read again', () => list.getCurrentResult().data.tasks.totalCount === 5);
});

test('a subscription whose token has expired comes back with the next one', async (t) => {
  const { user, client } = await apollo(t, { 'auth.access_token_seconds': 2 });
  const { titles } = await following(t, client);
  const before = user.session.headers.Authorization;
  await until('the socket to refresh it', () => user.session.headers.Authorization !== before);
  await makeTasks(user, ['Task 1']);
  await until('an event', () => titles.length > 0);
  assert.deepEqual(titles, ['Task 1']);
});

test('a subscription that cannot come back says why', async (t) => {
  const { client } = await apollo(t);
  const ended = await new Promise((resolve) => {
    followTasks(client, TASK_CHANGED, 'no cursor').subscribe(({ error }) => resolve(error));
  });
  assert.ok(hasCode(ended, 'BAD_USER_INPUT'));
});

test('a subscription whose session has ended says so', async (t) => {
  const { user, client } = await apollo(t);
  const { titles } = await following(t, client);
  await user.ask('mutation { logout { sessionId } }');
  await until('the end', () => titles.length > 0);
  assert.ok(titles[0] instanceof SessionEnded);
});

/** The titles of the tasks of all events from now on, and a list of tasks that is on the screen. */
async function following(t, client) {
  const { data } = await client.query({ query: LATEST_CURSOR });
  const list = client.watchQuery({ query: TASKS });
  const titles = [];
  const note = ({ data, error }) => titles.push(error ?? data.taskChanged.task.title);
  for (const subscription of [
    list.subscribe(() => {}),
    followTasks(client, TASK_CHANGED, data.taskChanges.latestCursor).subscribe(note),
  ]) {
    t.after(() => subscription.unsubscribe());
  }
  return { titles, list };
}
