import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startServer } from './support/server.js';
import { until } from './support/until.js';
import { makeTasks, newUser } from './support/user.js';

const SCRIPT = fileURLToPath(new URL('recipes/curl.sh', import.meta.url));

test('a shell follows tasks, and goes on behind its last event', async (t) => {
  const server = await startServer(t);
  const user = await newUser(server);
  const first = follow(t, server, user);
  await until('the stream', () => first.output.startsWith(':'));
  await makeTasks(user, ['Task 1']);
  const [, cursor] = await until('an event', () => /^id: (.+)\ndata: .*"Task 1"/m.exec(first.output));
  first.stop();
  await makeTasks(user, ['Task 2', 'Task 3']);
  const second = follow(t, server, user, cursor);
  await until('the last event', () => second.output.includes('Task 3'));
  assert.deepEqual(second.output.match(/Task \d/g), ['Task 2', 'Task 3']);
});

/** What `curl` prints, until it is stopped. */
function follow(t, { origin }, user, cursor = '') {
  const TOKEN = user.session.headers.Authorization.replace('Bearer ', '');
  const env = { PATH: process.env.PATH, SERVER: origin, TOKEN, CURSOR: cursor };
  const child = spawn('bash', [SCRIPT], { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const following = { output: '', stop: () => isRunning() && process.kill(-child.pid) };
  child.stdout.on('data', (chunk) => (following.output += chunk));
  t.after(() => following.stop());
  return following;
}
