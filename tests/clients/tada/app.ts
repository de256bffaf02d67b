// A piece of an application: its documents are typed where they stand, by the types that `schema.graphql` gave.
import type { ResultOf, VariablesOf } from 'gql.tada';

import { graphql } from './graphql.js';

export const TaskRow = graphql(`fragment TaskRow on Task @_unmask { id title dueAt priority assignee { username } }`);

export const Tasks = graphql(`
  query Tasks($after: String, $filter: TaskFilter) {
    tasks(first: 3, after: $after, filter: $filter) { nodes { ...TaskRow } pageInfo { endCursor } }
  }
`, [TaskRow]);

export const CreateTask = graphql(`
  mutation CreateTask($input: CreateTaskInput!) { createTask(input: $input) { task { ...TaskRow } } }
`, [TaskRow]);

/** The rows of a list of tasks. */
export function rows({ tasks }: ResultOf<typeof Tasks>): string[] {
  return tasks.nodes.map(({ title, dueAt, assignee }) => {
    const due = dueAt === null ? 'never' : new Date(dueAt).toDateString();
    return `${title}: ${due}, ${assignee?.username ?? 'nobody'}`;
  });
}

/** The variables of the list of what is urgent. */
export function urgent(after: string | null): VariablesOf<typeof Tasks> {
  return { after, filter: { priority: ['URGENT'], not: { completed: true } } };
}

/** The variables of a new task. */
export function draft(title: string): VariablesOf<typeof CreateTask> {
  return { input: { title, priority: 'LOW', dueAt: new Date().toISOString() } };
}
