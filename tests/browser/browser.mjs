// Opens the playground of a running server in Chromium and holds it to its promises:
// it works under its content security policy, asks no other origin for anything, and keeps no credential.
//
//   node browser.mjs http://127.0.0.1:8000/playground screenshot.png
//
// It leaves two pictures: of a subscription, and (screenshot-ended.png) of one that the server has ended.
// It logs in with the example's password, which fails harmlessly unless that account exists, and makes an account of its
// own, with a few tasks to watch.
// CHROMIUM names the browser's program when it is not `chromium`. The exit status is 0 when every check holds.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [url, screenshot] = process.argv.slice(2);
if (!url || !screenshot) {
  console.error('usage: node browser.mjs URL SCREENSHOT.png');
  process.exit(2);
}
const origin = new URL(url).origin;
const examples = JSON.parse(await readFile(new URL('../../playground/src/examples.json', import.meta.url)));
const TOKEN = `eyJhbGciOiJIUzI1NiJ9.${'x'.repeat(24)}.bm90LWEtdG9rZW4`;
const PASSWORD = examples.find(({ name }) => name === 'Login').variables.input.password;

const profile = await mkdtemp(join(tmpdir(), 'taskward-browser-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  viewport: { width: 1440, height: 900 },
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
});
const page = browser.pages()[0] ?? (await browser.newPage());

/** Everything that must stay empty. */
const faults = { console: [], uncaught: [], policy: [], foreign: [], failed: [] };
/** Every operation sent, introspection included. */
const operations = [];
/** Every WebSocket opened, with the messages that the page sent. */
const sockets = [];
/** The account that the browser made for itself, and its token. */
const account = { username: `browser_${Date.now().toString(36)}`, password: PASSWORD };
let token;

await page.exposeBinding('reportViolation', (_source, violation) => faults.policy.push(violation));
await page.addInitScript(() => {
  document.addEventListener('securitypolicyviolation', (event) => {
    window.reportViolation(`${event.effectiveDirective} ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
  });
});
page.on('pageerror', (error) => faults.uncaught.push(String(error)));
page.on('console', (message) => {
  // An answer of the API with a status of 400 or more is logged by the browser; it is no fault of the page.
  const answer = new URL(message.location().url || url).pathname === '/graphql';
  if (['error', 'warning'].includes(message.type()) && !answer) faults.console.push(message.text());
});
// On the context, not the page: it hears of the requests of workers too.
browser.on('request', (request) => {
  const target = new URL(request.url());
  if (target.protocol !== 'data:' && target.origin !== origin) faults.foreign.push(request.url());
  if (target.pathname === '/graphql' && request.method() === 'POST') {
    operations.push({ ...request.postDataJSON(), headers: request.headers() });
  }
});
page.on('websocket', (socket) => {
  const opened = { url: socket.url(), sent: [], closed: false };
  sockets.push(opened);
  if (new URL(opened.url).host !== new URL(origin).host) faults.foreign.push(opened.url);
  socket.on('framesent', ({ payload }) => opened.sent.push(JSON.parse(payload)));
  socket.on('close', () => (opened.closed = true));
});
browser.on('response', (response) => {
  const asset = new URL(response.url()).pathname !== '/graphql';
  if (asset && response.status() >= 400) faults.failed.push(`${response.status()} ${response.url()}`);
});

const tabs = page.locator('.graphiql-tab');
const editor = (file) => page.locator(`.monaco-editor[data-uri$="${file}"]`);

/** Runs the operation of the current tab, which must have this name, and returns what was sent. */
async function run(operationName) {
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await page.locator('.graphiql-execute-button').click();
  await answered;
  // GraphiQL writes to storage half a second after the last change.
  await page.waitForTimeout(1000);
  const sent = operations.at(-1);
  assert.equal(sent.operationName, operationName);
  return sent;
}

/** Waits for the introspection's answer and the editor, and expects the tabs of the examples, no more and no less. */
async function opened() {
  await page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await editor('operation.graphql').waitFor();
  assert.equal(await tabs.count(), examples.length);
}

async function openTab(name) {
  await tabs.nth(examples.findIndex((example) => example.name === name)).locator('button').first().click();
  // GraphiQL reads the operation's name a tenth of a second after the text has changed.
  await page.waitForTimeout(500);
}

/** Writes the token where a person would paste it: on the second line, before the closing quote of "Bearer ". */
async function pasteToken(token) {
  const pane = editor('request-headers.json');
  if (!(await pane.isVisible())) await page.getByRole('button', { name: 'Headers', exact: true }).click();
  await pane.click();
  for (const key of ['Control+Home', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key);
  await page.keyboard.insertText(token);
  await page.waitForTimeout(500);
}

/** The data of an operation that another program sends. */
async function ask(query, variables, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Waits until the condition holds, for as many seconds, and says whether it does. */
async function holds(condition, seconds) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await page.waitForTimeout(50)) {
    if (await condition()) return true;
  }
  return false;
}

/** The text of the result pane without white space, for the editor breaks long lines. */
async function result() {
  return (await editor('response.json').locator('.view-lines').innerText()).replaceAll(/\s/g, '');
}

/** The last socket, of this many, once something is subscribed to on it. */
async function subscribed(count) {
  const sent = () => sockets[count - 1]?.sent.some(({ type }) => type === 'subscribe');
  assert.ok(await holds(sent, 10), `nothing was subscribed to: ${await result()}`);
  assert.equal(sockets.length, count);
  return sockets[count - 1];
}

function around(text, word) {
  const start = text.indexOf(word);
  return text.slice(Math.max(0, start - 80), start + word.length + 20);
}

/** Reads all that the origin stored; the operations are there, so that an empty storage would prove nothing. */
async function assertNothingSecretIsStored(token = TOKEN) {
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
  for (const secret of [...token.split('.'), PASSWORD]) {
    assert.ok(!stored.includes(secret), `${secret} was stored: …${around(stored, secret)}…`);
  }
  assert.ok(stored.includes('StartHere') && stored.includes('queries'), 'the operations were not remembered');
  const databases = await page.evaluate(async () => (await indexedDB.databases()).length + document.cookie.length);
  assert.equal(databases, 0, 'a database or a cookie was written');
}

const promises = {
  async 'opens with the examples and the schema'() {
    await page.goto(url);
    await opened();
    assert.equal(operations[0].operationName, 'IntrospectionQuery');
  },
  async 'sends a stranger’s operations without a token'() {
    await openTab('Login');
    const sent = await run('Login');
    assert.equal(sent.variables.input.password, PASSWORD);
    assert.equal(sent.headers.authorization, undefined);
    assert.equal(sent.headers['content-type'], 'application/json');
    assert.match(sent.headers.accept, /^application\/graphql-response\+json, application\/json\b/);
  },
  async 'sends the token of the Headers pane, in the other tabs too'() {
    await openTab('Start here');
    await pasteToken(TOKEN);
    assert.equal((await run('StartHere')).headers.authorization, `Bearer ${TOKEN}`);
    await openTab('Login');
    assert.equal((await run('Login')).headers.authorization, `Bearer ${TOKEN}`);
  },
  async 'remembers operations, but neither token nor password'() {
    await openTab('Start here');
    await page.getByRole('button', { name: /History/ }).first().click();
    await page.locator('.graphiql-history-item').first().waitFor();
    await page.waitForTimeout(1000);
    await assertNothingSecretIsStored();
  },
  async 'prettifies, completes and explains'() {
    await editor('operation.graphql').click();
    await page.getByRole('button', { name: /Prettify/ }).click();
    await page.waitForTimeout(500);
    await page.getByRole('button', { name: /Documentation Explorer/ }).click();
    await page.getByText('Root Types').waitFor();
  },
  async 'comes back after a reload with the same tabs, and as a stranger'() {
    await page.reload();
    await opened();
    await openTab('A page of tasks');
    assert.equal((await run('TasksPage')).headers.authorization, undefined);
    await assertNothingSecretIsStored();
  },
  async 'opens no socket for anything but a subscription'() {
    assert.deepEqual(sockets, []);
  },
  async 'shows changes as they happen, on a socket that knows the token and closes in the end'() {
    const { register } = await ask(
      'mutation($input: RegisterInput!) { register(input: $input) { accessToken } }',
      { input: account },
    );
    token = register.accessToken;
    await openTab('Watch for changes');
    await pasteToken(token);
    await page.locator('.graphiql-execute-button').click();
    const socket = await subscribed(1);
    assert.equal(socket.url, `${origin.replace('http', 'ws')}/graphql`);
    assert.deepEqual(socket.sent[0], { type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });

    // The protocol does not tell when the server has begun to listen, so a change may come too early to be seen.
    let seen = false;
    for (let number = 1; number <= 10 && !seen; number += 1) {
      const title = `Watched${number}`;
      const create = 'mutation($title: String!) { createTask(input: { title: $title }) { task { id } } }';
      const { id } = (await ask(create, { title }, token)).createTask.task;
      seen = await holds(async () => {
        const text = await result();
        return ['"kind":"CREATED"', `"taskId":"${id}"`, `"title":"${title}"`].every((part) => text.includes(part));
      }, 2);
    }
    assert.ok(seen, `the event is missing in the result: ${await result()}`);
    await page.screenshot({ path: screenshot });

    await page.locator('.graphiql-execute-button').click();
    assert.ok(await holds(() => socket.closed, 5), 'the socket stays open when the subscription is stopped');
    assert.equal(socket.sent.at(-1).type, 'complete');
    await page.waitForTimeout(1000);
    await assertNothingSecretIsStored(token);
  },
  async 'answers in another tab as to the one whose token was pasted'() {
    await openTab('Start here');
    assert.equal((await run('StartHere')).headers.authorization, `Bearer ${token}`);
    assert.ok((await result()).includes(`"username":"${account.username}"`), await result());
  },
  async 'says why a subscription has ended'() {
    await openTab('Watch for changes');
    const told = async () => (await result()).includes('Theserverhasclosedthesocket:Forbidden(4403).Getanewaccesstoken');
    await page.locator('.graphiql-execute-button').click();
    await subscribed(2);
    // The session ends while the socket is open, and then no socket opens with its token any more.
    await ask('mutation { logout { sessionId } }', undefined, token);
    assert.ok(await holds(told, 5), `the reason is missing in the result: ${await result()}`);
    await page.screenshot({ path: screenshot.replace(/(\.png)?$/, '-ended.png') });
    await page.locator('.graphiql-execute-button').click();
    assert.ok(await holds(() => sockets[2]?.closed, 5), 'the socket stays open without a good token');
    assert.ok(await holds(told, 5), `the reason is missing in the result: ${await result()}`);
  },
  async 'breaks no rule of its policy, asks nobody else, and logs no error'() {
    assert.deepEqual(faults, { console: [], uncaught: [], policy: [], foreign: [], failed: [] });
  },
};

let failures = 0;
for (const [promise, check] of Object.entries(promises)) {
  try {
    await check();
    console.log(`ok      ${promise}`);
  } catch (error) {
    failures += 1;
    console.log(`FAILED  ${promise}\n${error.message}`);
  }
}
if (failures > 0) await page.screenshot({ path: screenshot });
await browser.close();
await rm(profile, { recursive: true, force: true });
process.exit(failures > 0 ? 1 : 0);
