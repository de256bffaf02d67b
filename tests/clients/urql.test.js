import assert from 'node:assert/strict';
import { test } from 'node:test';

import { gql } from '@urql/core';

import { SessionEnded } from './recipes/session.js';
import { createUrqlClient, hasCode } from './recipes/urql.js';
import { CREATE_TASK, LATEST_CURSOR, TASK_CHANGED, TASKS } from './support/documents.js';
import { startServer } from './support/server.js';
import { at, expiry, makeTasks, newUser } from './support/user.js';
import { until } from './support/until.js';
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

test('a subscription that loses its server comes back behind its last event, and lists show what happened', async (t) => {
  const { server, user, client } = await urql(t);
  const { titles, list } = await following(t, client);
  await makeTasks(user, ['Task 1', 'Task 2']);
  await until('two events', () => titles.length === 2);
  await server.restart('SIGTERM', (other) => makeTasks(at(other, user), ['Task 3', 'Task 4']));
  await makeTasks(user, ['Task 5']);
  await until('the last event', () => titles.includes('Task 5'));
  assert.deepEqual(titles, ['Task 1', 'Task 2', 'Task 3', 'Task 4', 'Task 5']);
  await until('the list to be read again', () => list.at(-1).data?.tasks.totalCount === 5);
});

test('a task that is on the screen shows what an event says', async (t) => {
  const { user, client } = await urql(t);
  await makeTasks(user, ['Task 1']);
  const { list } = await following(t, client);
  await until('the list', () => list.at(-1)?.data);
  const { id } = list.at(-1).data.tasks.edges[0].node;
  const sent = list.length;
  await user.ask('mutation($id: ID!) { updateTask(input: {id: $id, title: "Task 2"}) { task { id } } }', { id });
  await until('the new title', () => list.at(-1).data.tasks.edges[0].node.title === 'Task 2');
  assert.equal(list.length, sent + 1);
});

test('a subscription whose token has expired comes back with the next one', async (t) => {
  const { user, client } = await urql(t, { 'auth.access_token_seconds': 2 });
  const { titles } = await following(t, client);
  const before = user.session.headers.Authorization;
  await until('the stream to refresh it', () => user.session.headers.Authorization !== before);
  await makeTasks(user, ['Task 1']);
  await until('an event', () => titles.length > 0);
  assert.deepEqual(titles, ['Task 1']);
});

test('a subscription that cannot come back says why', async (t) => {
  const { client } = await urql(t);
  const { error } = await new Promise((resolve) => client.subscription(TASK_CHANGED, { after: 'no cursor' }).subscribe(resolve));
  assert.ok(hasCode(error, 'BAD_USER_INPUT'));
});

test('a subscription whose session has ended says so', async (t) => {
  const { user, client } = await urql(t);
  const { titles } = await following(t, client);
  await user.ask('mutation { logout { sessionId } }');
  await until('the end', () => titles.length > 0);
  assert.ok(titles[0].networkError instanceof SessionEnded);
});

/** The titles of the tasks of all events from now on, and what a list of tasks on the screen has shown. */
async function following(t, client) {
  const { data } = await client.query(LATEST_CURSOR, {});
  const after = data.taskChanges.latestCursor;
  const [titles, list] = [[], []];
  const note = ({ data, error }) => titles.push(error ?? data.taskChanged.task.title);
  for (const subscription of [
    client.query(TASKS, {}).subscribe((result) => list.push(result)),
    client.subscription(TASK_CHANGED, { after }).subscribe(note),
  ]) {
    t.after(() => subscription.unsubscribe());
  }
  return { titles, list };
}
