// Compares `schema.graphql` with that of the last release:   node tests/clients/schema-changes.js
//
// A change that breaks clients has to be meant. Whoever means it sets the version in Cargo.toml to one that may break
// things: a new minor version before 1.0.0, a new major version from then on. Runs at the root of the repository.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { buildSchema, findBreakingChanges } from 'graphql';

main();

function main() {
  const release = git('describe', '--tags', '--abbrev=0', '--match', 'v[0-9]*', '--exclude', '*-*');
  if (release === undefined) {
    console.log(`skipped, because ${reasonForNoRelease()}`);
    return;
  }
  const changes = breakingChanges(git('show', `${release}:schema.graphql`), readFileSync('schema.graphql', 'utf8'));
  const version = /^version = "(.+)"/m.exec(readFileSync('Cargo.toml', 'utf8'))[1];
  for (const change of changes) console.log(change);
  console.log(`${changes.length} changes since ${release} break clients; the version is ${version}`);
  if (changes.length > 0 && !mayBreak(release.slice(1), version)) process.exitCode = 1;
}

function reasonForNoRelease() {
  const isShallow = git('rev-parse', '--is-shallow-repository');
  if (isShallow === undefined) return 'there is no git history here';
  return isShallow === 'true' ? 'the git history here is cut off' : 'there is no release yet';
}

function breakingChanges(before, after) {
  const changes = findBreakingChanges(buildSchema(before), buildSchema(after));
  return changes.map(({ type, description }) => `${type}: ${description}`);
}

/** Whether Semantic Versioning lets `version` break what `release` promised. */
function mayBreak(release, version) {
  const [before, after] = [release, version].map((text) => text.split('.'));
  const counting = before[0] === '0' ? 2 : 1;
  return before.slice(0, counting).join('.') !== after.slice(0, counting).join('.');
}

/** What git answers; undefined when it can't. */
function git(...args) {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
