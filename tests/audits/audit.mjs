// Runs every server audit of the npm package `graphql-http` and compares those that are not "ok" with the list given.
//
//   node audit.mjs URL [ID…]
//
// Exit status 1 when an audit fails that is not in the list, or one in the list does not.
import { auditServer } from 'graphql-http';

const [url, ...expected] = process.argv.slice(2);
const results = await auditServer({ url });
const differing = results.filter((result) => result.status !== 'ok');
for (const { id, status, name, reason } of differing) {
  console.log(`${status.padEnd(6)}  ${id}  ${name}: ${reason}`);
}
const ids = differing.map((result) => result.id).sort();
console.log(`${results.length - ids.length} passed, ${ids.length} failed`);
if (ids.join() !== [...expected].sort().join()) {
  console.log(`expected to differ: ${expected.join(' ') || 'none'}`);
  process.exitCode = 1;
}
