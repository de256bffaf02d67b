// A piece of an application: its types come from `schema.graphql`, and it sends the ids of documents, never their text.
import type { TypedDocumentNode, VariablesOf } from '@graphql-typed-document-node/core';

import { CreateTaskDocument, RegisterDocument, TasksDocument } from './generated/graphql.js';
import { graphql } from './generated/index.js';

const PostponeDocument = graphql(`
  mutation Postpone($id: ID!, $dueAt: DateTime!) {
    updateTask(input: { id: $id, dueAt: $dueAt, priority: LOW }) { task { dueAt priority } }
  }
`);

export class App {
  #url: string;
  #headers: Record<string, string> = {};

  constructor(url: string) {
    this.#url = url;
  }

  async register(input: VariablesOf<typeof RegisterDocument>['input']) {
    const { register } = await this.#run(RegisterDocument, { input });
    this.#headers = { Authorization: `Bearer ${register.accessToken}` };
  }

  async createTask(title: string): Promise<string> {
    const { createTask } = await this.#run(CreateTaskDocument, { input: { title, priority: 'HIGH' } });
    return createTask.task.id;
  }

  /** Answers with when the task is due from now on. */
  async postpone(id: string, dueAt: Date): Promise<Date | null> {
    const { updateTask } = await this.#run(PostponeDocument, { id, dueAt: dueAt.toISOString() });
    return updateTask.task.dueAt === null ? null : new Date(updateTask.task.dueAt);
  }

  async titles(): Promise<string[]> {
    const { tasks } = await this.#run(TasksDocument, {});
    return tasks.edges.map(({ node }) => node.title);
  }

  async #run<Result, Variables>(document: TypedDocumentNode<Result, Variables>, variables: Variables): Promise<Result> {
    // The generated documents bear their id beside what their type says.
    const { __meta__ } = document as unknown as { __meta__: { hash: string } };
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...this.#headers },
      body: JSON.stringify({ documentId: __meta__.hash, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(errors[0].message);
    return data;
  }
}
