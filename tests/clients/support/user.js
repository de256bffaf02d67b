// Somebody who uses the server.
import { randomBytes } from 'node:crypto';

import { until } from './until.js';
import { Session } from '../recipes/session.js';

/** A new user with a session. `ask` sends an operation as they do, without any client between. */
export async function newUser(server) {
  const session = new Session(server.url);
  const username = `user_${randomBytes(6).toString('hex')}`;
  await session.register({ username, password: 'correct horse battery' });
  return user(server, username, session);
}

/** The same user at another server of the same database. */
export function at(server, { username, session }) {
  return user(server, username, session);
}

function user(server, username, session) {
  return { username, session, ask: (query, variables) => ask(server, session, query, variables) };
}

async function ask(server, session, query, variables) {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(await session.freshHeaders()) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Makes tasks of these titles, one after another. */
export async function makeTasks(user, titles) {
  for (const title of titles) {
    await user.ask('mutation($title: String!) { createTask(input: {title: $title}) { task { id } } }', { title });
  }
}

/** Waits until the server refuses the access token that the session has now. */
export async function expiry(server, session) {
  const { headers } = session;
  const body = JSON.stringify({ query: '{ viewer { id } }' });
  await until('the access token to expire', async () => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body };
    return (await fetch(server.url, init)).status === 401;
  });
}
