// What the playground may write to local storage of texts that hold a credential: `node --test`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSecrets } from '../../playground/src/secrets.js';

const cases = [
  ['{"input": {"username": "ana", "password": "s3cret"}}', '{"input": {"username": "ana", "password": ""}}'],
  ['{"newPassword" : "a\\"b s3cret", "x": 1}', '{"newPassword" : "", "x": 1}'],
  ['{"refreshToken":"s3cret"}', '{"refreshToken":""}'],
  // Still being typed, in a pane of several lines.
  ['{\n  "password": "s3cr\n}', '{\n  "password": ""\n}'],
  ['login(input: { username: "ana", password: "s3cret" }) { accessToken }', 'login(input: { username: "ana", password: "" }) { accessToken }'],
  ['login(input: { password: """s3\n"cret""" })', 'login(input: { password: "" })'],
  ['login(input: { password: """s3cr', 'login(input: { password: ""'],
  ['# Bearer eyJhbGci.eyJzdWIi.c2ln-_Q', '# Bearer '],
  ['{"note": "twp_0123abcDEF"}', '{"note": ""}'],
  // No credentials.
  ['query ($first: Int) { tasks(first: $first, filter: { search: "password" }) { nodes { id } } }'],
  ['mutation ($password: String!) { login(input: { password: $password }) { token: accessToken } }'],
  ['{"after": "eyJ0IjoxfQ", "id": "task_01h2xcejqtf2nbrexx3vqjhp41"}'],
];

for (const [text, expected = text] of cases) {
  test(text, () => assert.equal(withoutSecrets(text), expected));
}
