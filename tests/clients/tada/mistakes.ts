// Mistakes that the types and `gql-tada check` find.
import type { ResultOf, VariablesOf } from 'gql.tada';

import type { CreateTask, TaskRow } from './app.js';
import { graphql } from './graphql.js';

/** There is no such field. This is what `check` has to find, and nothing else in the folder. */
export const Nickname = graphql(`query Nickname { viewer { nickname } }`);

// Were one of the following not found by the compiler, the comment above it would be an error itself.
declare const row: ResultOf<typeof TaskRow>;

// @ts-expect-error: the document does not ask for it.
row.description;

// @ts-expect-error: null when it is never due.
row.dueAt.length;

export const variables: VariablesOf<typeof CreateTask>[] = [
  // @ts-expect-error: the title is missing.
  { input: {} },
  // @ts-expect-error: a DateTime is text.
  { input: { title: 'Water the plants', dueAt: new Date() } },
  // @ts-expect-error: no such priority.
  { input: { title: 'Water the plants', priority: 'HIGHEST' } },
];
