// gql.tada, which types documents where they stand in the code. The tests build on each other, in their order.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { before, test } from 'node:test';

import { runTool } from './support/command.js';

const FOLDER = new URL('tada/', import.meta.url);

before(() => rm(new URL('generated/', FOLDER), { recursive: true, force: true }));

test('the schema is read without a warning', async () => {
  const { status, output } = await runTool(FOLDER, 'gql-tada', 'generate-output');
  assert.deepEqual([status, output.trim()], [0, '✓ Introspection output was generated successfully']);
});

test('the types fit what an application does, and find its mistakes', async () => {
  assert.deepEqual(await runTool(FOLDER, 'tsc', '--project', '.'), { status: 0, output: '' });
});

test('the documents of the application are right, and a field that is not in the schema is found', async () => {
  const { status, output } = await runTool(FOLDER, 'gql-tada', 'check', '--fail-on-warn');
  assert.equal(status, 1);
  assert.match(output, /^mistakes\.ts\n.*\berror\b.*Cannot query field "nickname" on type "User"/m);
  assert.match(output, /1 problems \(1 errors, 0 warnings\)/);
});
