// graphql-ws by itself: what a socket answers, and what it is closed with.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { print } from 'graphql';
import { createClient } from 'graphql-ws';

import { resuming } from './recipes/resuming.js';
import { CREATE_TASK, LATEST_CURSOR, TASK_CHANGED } from './support/documents.js';
import { startServer } from './support/server.js';
import { at, makeTasks, newUser } from './support/user.js';
import { take, until } from './support/until.js';
import './support/websocket.js';

async function socket(t, settings) {
  const server = await startServer(t, settings);
  const user = await newUser(server);
  const happened = [];
  const client = createClient({
    url: server.socketUrl,
    connectionParams: () => user.session.freshHeaders(),
    retryAttempts: 0,
    on: {
      connected: () => happened.push('connected'),
      closed: ({ code }) => happened.push(code),
    },
  });
  t.after(() => client.dispose());
  return { server, user, client, happened };
}

function request(document, variables) {
  return { query: print(document), variables };
}

async function only(results) {
  const [answer] = await take(results, 1);
  assert.ok((await results.next()).done);
  return answer;
}

test('queries, mutations and subscriptions go over one socket', async (t) => {
  const { user, client, happened } = await socket(t);
  const events = client.iterate(request(TASK_CHANGED));
  const first = take(events, 2);
  await until('the socket', () => happened.length === 1);
  const viewer = await only(client.iterate({ query: '{ viewer { username } }' }));
  assert.equal(viewer.data.viewer.username, user.username);
  assert.ok(viewer.extensions.cost.remaining > 0);
  for (const title of ['Task 1', 'Task 2']) {
    const { data } = await only(client.iterate(request(CREATE_TASK, { input: { title } })));
    assert.equal(data.createTask.task.title, title);
  }
  assert.deepEqual((await first).map(({ data }) => data.taskChanged.task.title), ['Task 1', 'Task 2']);
  await events.return();
  await until('the socket to be closed', () => happened.length === 2);
  assert.deepEqual(happened, ['connected', 1000]);
});

test('a document is sent once, and its hash alone from then on', async (t) => {
  const { user, client } = await socket(t);
  const query = '{ viewer { username } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
  // graphql-ws sends nothing without a `query`.
  const hash = { query: '', extensions };
  await assert.rejects(only(client.iterate(hash)), ([{ message }]) => message === 'PersistedQueryNotFound');
  for (const sent of [{ query, extensions }, hash]) {
    const { data } = await only(client.iterate(sent));
    assert.equal(data.viewer.username, user.username);
  }
});

test('a client is connected while it asks for something, and not before or after', async (t) => {
  const { client, happened } = await socket(t);
  assert.deepEqual(happened, []);
  for (let n = 1; n <= 2; n += 1) {
    await only(client.iterate({ query: '{ viewer { id } }' }));
    await until('the socket to be closed', () => happened.length === 2 * n);
  }
  assert.deepEqual(happened, ['connected', 1000, 'connected', 1000]);
});

test('an operation that is refused is told so, and the socket stays', async (t) => {
  const { client, happened } = await socket(t);
  const events = client.iterate(request(TASK_CHANGED));
  const first = take(events, 1);
  for (const [refused, code] of [
    [{ query: '{ viewer { nickname } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [request(TASK_CHANGED, { after: 'no cursor' }), 'BAD_USER_INPUT'],
    [{ query: 'mutation { login(input: {username: "ana", password: "correct horse battery"}) { accessToken } }' }, 'FORBIDDEN'],
  ]) {
    const [error] = await only(client.iterate(refused)).then(({ errors }) => errors, (errors) => errors);
    assert.equal(error.extensions.code, code);
  }
  await only(client.iterate(request(CREATE_TASK, { input: { title: 'Task 1' } })));
  await first;
  assert.deepEqual(happened, ['connected']);
});

test('a socket is closed with a code that says why', async (t) => {
  const { server } = await socket(t, { 'subscriptions.message_bytes': 1024 });
  for (const [token, query, code, reason] of [
    ['Bearer nonsense', '{ viewer { id } }', 4403, 'Forbidden'],
    [undefined, `{ viewer { id } } #${'x'.repeat(1024)}`, 1009, 'The message is too large'],
  ]) {
    const connectionParams = { Authorization: token };
    const client = createClient({ url: server.socketUrl, connectionParams, retryAttempts: 0 });
    await assert.rejects(only(client.iterate({ query })), (event) => {
      assert.deepEqual([event.code, event.reason], [code, reason]);
      return true;
    });
  }
});

test('a subscription survives a server that is killed', async (t) => {
  const { server, user, client } = await socket(t);
  const { data } = await only(client.iterate(request(LATEST_CURSOR)));
  const titles = [];
  const stop = resuming(client, user.session).subscribe(
    request(TASK_CHANGED, { after: data.taskChanges.latestCursor }),
    { next: ({ data }) => titles.push(data.taskChanged.task.title), error: assert.fail, complete: assert.fail },
  );
  t.after(stop);
  await makeTasks(user, ['Task 1']);
  await until('an event', () => titles.length === 1);
  await server.restart('SIGKILL', (other) => makeTasks(at(other, user), ['Task 2', 'Task 3']));
  await makeTasks(user, ['Task 4']);
  await until('the last event', () => titles.includes('Task 4'));
  assert.deepEqual(titles, ['Task 1', 'Task 2', 'Task 3', 'Task 4']);
});
