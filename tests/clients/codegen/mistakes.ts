// Mistakes that the types find. Were one not found, the comment above it would be an error itself.
import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';

import type { CreateTaskDocument, TasksDocument } from './generated/graphql.js';

declare const task: ResultOf<typeof CreateTaskDocument>['createTask']['task'];
declare const tasks: ResultOf<typeof TasksDocument>['tasks'];

// @ts-expect-error: the document does not ask for it.
task.description;

// @ts-expect-error: null on the last page.
tasks.pageInfo.endCursor.length;

export const variables: VariablesOf<typeof CreateTaskDocument>[] = [
  // @ts-expect-error: the title is missing.
  { input: {} },
  // @ts-expect-error: a DateTime is text.
  { input: { title: 'Water the plants', dueAt: new Date() } },
  // @ts-expect-error: no such priority.
  { input: { title: 'Water the plants', priority: 'HIGHEST' } },
];
