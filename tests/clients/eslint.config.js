// The rules of graphql-eslint for `schema.graphql`: what it recommends, and what Relay expects of a schema.
import { fileURLToPath } from 'node:url';

import graphql from '@graphql-eslint/eslint-plugin';

const SCHEMA = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

/** A rule as it is, but silent about these names. The rules have no option for an exception of one name. */
function except(rule, ...names) {
  const { create } = graphql.rules[rule];
  const quieter = (context) => (problem) => names.includes(problem.node.value) || context.report(problem);
  return {
    ...graphql.rules[rule],
    create: (context) => create(Object.create(context, { report: { value: quieter(context) } })),
  };
}

const exceptions = {
  // A user's `name` would be what they are called; this is what they log in with.
  'no-typename-prefix': except('no-typename-prefix', 'username'),
  // The log of changes is read forward only, from where the client has stopped.
  'relay-arguments': except('relay-arguments', 'taskChanges'),
  // A membership and a change are parts of what has an id, and can't be asked for by one of their own.
  'relay-edge-types': except('relay-edge-types', 'ProjectMemberEdge', 'TaskChangeEdge'),
};

export default [
  {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': { ...graphql, rules: { ...graphql.rules, ...exceptions } } },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: SCHEMA } } },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            // What is made for one answer and is nothing that could be asked for again.
            suffixes: ['Payload', 'Connection', 'Edge'],
            // The same, and parts of what has an id: of a project, and of the log, where a change has a cursor.
            types: ['Budget', 'PageInfo', 'RateLimit', 'ProjectMember', 'TaskChange'],
          },
        },
      ],
      // Lists that are short by their limits have no pages (labels, sessions), and every connection has `nodes`.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
];
