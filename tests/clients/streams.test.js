// graphql-sse by itself: what a stream answers, and how it is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { print } from 'graphql';
import { createClient } from 'graphql-sse';

import { LATEST_CURSOR, TASK_CHANGED } from './support/documents.js';
import { startServer } from './support/server.js';
import { makeTasks, newUser } from './support/user.js';
import { take } from './support/until.js';

async function stream(t, settings) {
  const server = await startServer(t, settings);
  const user = await newUser(server);
  const client = createClient({ url: server.url, headers: () => user.session.freshHeaders(), retryAttempts: 0 });
  t.after(() => client.dispose());
  return { server, user, client };
}

function request(document, variables) {
  return { query: print(document), variables };
}

/** Whether the client has been refused with this status, code and, if it is for a while, policy. */
function refused(status, code, policy) {
  return async ({ response }) => {
    const { errors } = await response.json();
    const [{ extensions }] = errors;
    assert.deepEqual([response.status, extensions.code, extensions.policy], [status, code, policy]);
    return true;
  };
}

test('a query is one event, and a subscription one for each change', async (t) => {
  const { user, client } = await stream(t);
  const answers = client.iterate(request(LATEST_CURSOR));
  const [{ data, extensions }] = await take(answers, 1);
  assert.ok((await answers.next()).done);
  assert.ok(extensions.cost.remaining > 0);

  const events = client.iterate(request(TASK_CHANGED, { after: data.taskChanges.latestCursor }));
  await makeTasks(user, ['Task 1', 'Task 2']);
  const [first, second] = await take(events, 2);
  assert.deepEqual([first, second].map(({ data }) => data.taskChanged.task.title), ['Task 1', 'Task 2']);
  await events.return();

  const [again] = await take(client.iterate(request(TASK_CHANGED, { after: first.data.taskChanged.cursor })), 1);
  assert.deepEqual(again.data, second.data);
});

test('a document that is refused is an event with its errors', async (t) => {
  const { client } = await stream(t);
  for (const [document, code] of [
    [{ query: '{ viewer { nickname } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [request(TASK_CHANGED, { after: 'no cursor' }), 'BAD_USER_INPUT'],
  ]) {
    const answers = client.iterate(document);
    const [{ errors }] = await take(answers, 1);
    assert.equal(errors[0].extensions.code, code);
    assert.ok((await answers.next()).done);
  }
});

test('a refusal has the status and the errors of any other request', async (t) => {
  const { server, client } = await stream(t, { 'subscriptions.sockets_per_user': 1 });
  const stranger = createClient({ url: server.url, headers: { Authorization: 'Bearer nonsense' }, retryAttempts: 0 });
  const rejection = (iterator) => iterator.next().then(assert.fail, (error) => error);
  const bad = await rejection(stranger.iterate({ query: '{ viewer { id } }' }));
  assert.ok(await refused(401, 'UNAUTHENTICATED')(bad));

  const connected = new Promise((resolve) => {
    const events = client.iterate(request(TASK_CHANGED), { connected: resolve });
    events.next().catch(() => {});
  });
  await connected;
  const second = await rejection(client.iterate(request(TASK_CHANGED)));
  assert.ok(await refused(429, 'RATE_LIMITED', 'subscriptions')(second));
  assert.ok(Number(second.response.headers.get('Retry-After')) > 0);
});
