// `schema.graphql` keeps to the rules of graphql-eslint, but for the exceptions that `eslint.config.js` explains.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../../', import.meta.url)),
  overrideConfigFile: fileURLToPath(new URL('eslint.config.js', import.meta.url)),
});

test('the schema keeps to the rules', async () => {
  const [{ messages }] = await eslint.lintFiles(['schema.graphql']);
  assert.deepEqual(messages, []);
});

test('the exceptions are for what they name and nothing else', async () => {
  for (const [definition, rule] of [
    ['type Label { name: String! }', 'strict-id-in-types'],
    ['type User { id: ID!, username: String!, userEmail: String! }', 'no-typename-prefix'],
    ['type User { id: ID!, tasks(first: Int, last: Int, after: String): TaskConnection! }', 'relay-arguments'],
    ['type TaskEdge { cursor: String!, node: [Task!]! }', 'relay-edge-types'],
  ]) {
    const [{ messages }] = await eslint.lintText(`"""\nDescribed.\n"""\n${definition}`, { filePath: 'schema.graphql' });
    assert.deepEqual(messages.map(({ ruleId }) => ruleId), [`@graphql-eslint/${rule}`], definition);
  }
});
