// What `schema-changes.js` says about a repository, and when it refuses.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './support/command.js';

const SCRIPT = fileURLToPath(new URL('schema-changes.js', import.meta.url));
const RELEASED = 'type Query { task(id: ID!): Task! } type Task { id: ID!, title: String! }';
const ADDED = 'type Query { task(id: ID!, ahead: Int): Task! } type Task { id: ID!, title: String!, version: Int! }';
const REMOVED = 'type Query { task(id: ID!): Task! } type Task { id: ID! }';
const NULLABLE = 'type Query { task(id: ID!): Task } type Task { id: ID!, title: String! }';
const REQUIRED = 'type Query { task(id: ID!, ahead: Int!): Task! } type Task { id: ID!, title: String! }';

test('what breaks clients is refused, and what does not is taken', async (t) => {
  const folder = await repository(t);
  for (const [schema, status, output] of [
    [RELEASED, 0, '0 changes since v0.1.2 break clients; the version is 0.1.3'],
    [ADDED, 0, '0 changes since v0.1.2 break clients; the version is 0.1.3'],
    [REMOVED, 1, 'FIELD_REMOVED: Task.title was removed.'],
    [NULLABLE, 1, 'FIELD_CHANGED_KIND: Query.task changed type from Task! to Task.'],
    [REQUIRED, 1, 'REQUIRED_ARG_ADDED: A required arg ahead on Query.task was added.'],
  ]) {
    const answer = await compare(folder, schema, '0.1.3');
    assert.deepEqual([answer.status, answer.output.split('\n')[0]], [status, output]);
  }
});

test('a version that may break things may', async (t) => {
  const folder = await repository(t);
  for (const [version, status] of [['0.1.10', 1], ['0.2.0', 0], ['1.0.0', 0]]) {
    assert.equal((await compare(folder, REMOVED, version)).status, status, version);
  }
  await commit(folder, 'v1.4.0', REMOVED, '1.4.0');
  for (const [version, status] of [['1.5.0', 1], ['2.0.0', 0]]) {
    assert.equal((await compare(folder, 'type Query { tasks: Int }', version)).status, status, version);
  }
});

test('a preview is no release', async (t) => {
  const folder = await repository(t);
  await commit(folder, 'v0.2.0-rc.1', REMOVED, '0.2.0-rc.1');
  assert.match((await compare(folder, REMOVED, '0.1.3')).output, /^FIELD_REMOVED/);
});

test('without a release, there is nothing to compare with', async (t) => {
  const folder = await emptyFolder(t);
  const skipped = async (reason) =>
    assert.deepEqual(await compare(folder, REMOVED, '0.1.3'), { status: 0, output: `skipped, because ${reason}\n` });
  await skipped('there is no git history here');
  await git(folder, 'init', '--quiet');
  await skipped('there is no release yet');
  await commit(folder, 'nightly', RELEASED, '0.1.0');
  await skipped('there is no release yet');
  const released = await repository(t);
  await git(released, 'commit', '--quiet', '--allow-empty', '--message', 'After the release');
  await git(folder, 'fetch', '--quiet', '--depth=1', `file://${released}`);
  await skipped('the git history here is cut off');
});

/** A repository with the release v0.1.2. */
async function repository(t) {
  const folder = await emptyFolder(t);
  await git(folder, 'init', '--quiet');
  await commit(folder, 'v0.1.2', RELEASED, '0.1.2');
  return folder;
}

async function emptyFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'taskward-schema-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function commit(folder, tag, schema, version) {
  await write(folder, schema, version);
  await git(folder, 'add', '.');
  await git(folder, 'commit', '--quiet', '--message', tag);
  await git(folder, 'tag', tag);
}

async function compare(folder, schema, version) {
  await write(folder, schema, version);
  return run(folder, process.execPath, SCRIPT);
}

async function write(folder, schema, version) {
  await writeFile(join(folder, 'schema.graphql'), schema);
  await writeFile(join(folder, 'Cargo.toml'), `[workspace.package]\nversion = "${version}"\n`);
}

async function git(folder, ...args) {
  const settings = ['user.name=Test', 'user.email=test@localhost', 'commit.gpgSign=false', 'tag.gpgSign=false'];
  const { status, output } = await run(folder, 'git', ...settings.flatMap((setting) => ['-c', setting]), ...args);
  assert.equal(status, 0, output);
}
