// relay-compiler on the schema, and what it makes of documents on the server. The tests build on each other, in their order.
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { before, test } from 'node:test';

import relay from 'relay-runtime';

import { createRelayEnvironment } from './recipes/relay.js';
import { runTool } from './support/command.js';
import { startServer } from './support/server.js';
import { inTime, until } from './support/until.js';
import { at, makeTasks, newUser } from './support/user.js';
import './support/websocket.js';

const { createOperationDescriptor, fetchQuery, getRequest, getSingularSelector, requestSubscription } = relay;
const FOLDER = new URL('relay/', import.meta.url);
const GENERATED = new URL('generated/', FOLDER);

before(async () => {
  await rm(GENERATED, { recursive: true, force: true });
  await mkdir(GENERATED);
});

test('the compiler takes the schema and the documents without a warning', async () => {
  const { status, output } = await runTool(FOLDER, 'relay-compiler', 'relay.config.json');
  assert.equal(status, 0, output);
  assert.doesNotMatch(output, /warn|error/i);
});

test('pages are merged into one connection, and a task is read by its id', async (t) => {
  const { user, environment } = await start(t);
  const titles = ['Task 1', 'Task 2', 'Task 3', 'Task 4', 'Task 5', 'Task 6', 'Task 7'];
  await makeTasks(user, titles);
  const [first, next] = [await artifact('TasksQuery'), await artifact('NextTasksQuery')];
  await inTime(fetchQuery(environment, first, {}).toPromise(), 'the first page');
  for (let page = await tasks(environment, first); page.pageInfo.hasNextPage; page = await tasks(environment, first)) {
    const variables = { first: 3, after: page.pageInfo.endCursor };
    await inTime(fetchQuery(environment, next, variables).toPromise(), 'the next page');
  }
  const { edges } = await tasks(environment, first);
  assert.deepEqual(edges.map(({ node }) => node.title), titles);
  const { id } = edges[0].node;
  const answer = await inTime(fetchQuery(environment, await artifact('TaskQuery'), { id }).toPromise(), 'a task');
  assert.equal(answer.node.title, 'Task 1');
});

test('a subscription that loses its server comes back behind its last event', async (t) => {
  const { server, user, environment } = await start(t);
  const { taskChanges } = await fetchQuery(environment, await artifact('TasksQuery'), {}).toPromise();
  const titles = [];
  const { dispose } = requestSubscription(environment, {
    subscription: await artifact('TaskChangedSubscription'),
    variables: { after: taskChanges.latestCursor },
    onNext: ({ taskChanged }) => titles.push(taskChanged.task.title),
    onError: (error) => titles.push(error),
  });
  t.after(dispose);
  await makeTasks(user, ['Task 1']);
  await until('an event', () => titles.length === 1);
  await server.restart('SIGTERM', (other) => makeTasks(at(other, user), ['Task 2', 'Task 3']));
  await makeTasks(user, ['Task 4']);
  await until('the last event', () => titles.includes('Task 4'));
  assert.deepEqual(titles, ['Task 1', 'Task 2', 'Task 3', 'Task 4']);
});

async function start(t) {
  const server = await startServer(t);
  const user = await newUser(server);
  return { server, user, environment: createRelayEnvironment({ ...server, session: user.session }) };
}

/** What the compiler has made of a document. */
async function artifact(name) {
  return (await import(`./relay/generated/documents${name}.graphql.js`)).default;
}

/** The tasks that the store holds. */
async function tasks(environment, query) {
  const operation = createOperationDescriptor(getRequest(query), {});
  const { data } = environment.lookup(operation.fragment);
  const fragment = await artifact('Tasks');
  return environment.lookup(getSingularSelector(fragment, data)).data.tasks;
}
