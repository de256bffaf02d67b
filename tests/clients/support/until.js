// Waiting for something that happens, and not for a time.
import { setTimeout as pause } from 'node:timers/promises';

const DEADLINE_MILLISECONDS = 20_000;

/** Asks `question` again and again until its answer is true, and answers with that. Fails at the deadline. */
export async function until(what, question) {
  const deadline = Date.now() + DEADLINE_MILLISECONDS;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(50);
  }
}

/** The first `count` items of an async iterator, which stays open. Fails at the deadline. */
export async function take(iterator, count) {
  const items = [];
  while (items.length < count) {
    const { value, done } = await inTime(iterator.next(), `item ${items.length + 1} of ${count}`);
    if (done) throw new Error(`ended after ${items.length} of ${count} items`);
    items.push(value);
  }
  return items;
}

/** What `promise` answers, if it does so before the deadline. */
export async function inTime(promise, what) {
  const timer = new AbortController();
  const late = pause(DEADLINE_MILLISECONDS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited in vain for ${what}`);
  });
  late.catch(() => {});
  return Promise.race([promise, late]).finally(() => timer.abort());
}
