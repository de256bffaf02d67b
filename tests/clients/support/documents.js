// The documents that several clients and tools send, one in each file of `documents/`.
import { readFileSync } from 'node:fs';

import { parse } from 'graphql';

export const TASKS = document('Tasks');
export const CREATE_TASK = document('CreateTask');
export const TASK_CHANGED = document('TaskChanged');
export const LATEST_CURSOR = document('LatestCursor');

function document(name) {
  return parse(readFileSync(new URL(`../documents/${name}.graphql`, import.meta.url), 'utf8'));
}
