// graphql-codegen's client preset, from `schema.graphql` to a server that trusts its documents and no others.
// The tests build on each other, in their order.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { runTool } from './support/command.js';
import { startServer } from './support/server.js';

const FOLDER = new URL('codegen/', import.meta.url);
const MANIFEST = new URL('generated/persisted-documents.json', FOLDER);

/** What the generator writes about each of its steps. Anything else is an error or a warning. */
const STEP = /^[❯✔] /;

before(() => rm(new URL('generated/', FOLDER), { recursive: true, force: true }));

test('the generator reads the schema and the documents without a warning', async () => {
  const { status, output } = await runTool(FOLDER, 'graphql-codegen', '--config', 'codegen.ts');
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  assert.deepEqual([status, lines.filter((line) => !STEP.test(line))], [0, []]);
  assert.ok(lines.includes('✔ Generate outputs'), output);
});

test('the types fit what an application does, and find its mistakes', async () => {
  assert.deepEqual(await runTool(FOLDER, 'tsc', '--project', '.'), { status: 0, output: '' });
});

test('the application runs by the ids of its documents, where only those are trusted', async (t) => {
  const server = await startTrusting(t);
  const { App } = await import('./codegen/generated/javascript/app.js');
  const app = new App(server.url);
  await app.register({ username: 'ana', password: 'correct horse battery' });
  const id = await app.createTask('Water the plants');
  const due = new Date('2030-01-01T10:00:00Z');
  assert.deepEqual(await app.postpone(id, due), due);
  assert.deepEqual(await app.titles(), ['Water the plants']);
});

test('no other document runs there, be it sent as text or by its id', async (t) => {
  const server = await startTrusting(t);
  const [[id, known]] = Object.entries(JSON.parse(await readFile(MANIFEST, 'utf8')));
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  for (const [body, code] of [
    [{ query: '{ viewer { id } }' }, 'BAD_REQUEST'],
    [{ query: known }, 'BAD_REQUEST'],
    [{ documentId: id.replaceAll(/[0-9]/g, '0') }, 'PERSISTED_QUERY_NOT_FOUND'],
  ]) {
    const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' };
    const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(body) });
    const { data, errors } = await response.json();
    assert.deepEqual([response.status, data, errors[0].extensions.code], [400, undefined, code]);
  }
});

function startTrusting(t) {
  return startServer(t, { 'persisted.mode': 'trusted', 'persisted.manifests': fileURLToPath(MANIFEST) });
}
