// Subscriptions that come back.
import { SessionEnded } from './session.js';

/**
 * Makes `client`, of graphql-ws or graphql-sse, come back when a connection is lost, and go on behind the last event.
 *
 * Switch the client's own retries off: they send the variables of the first time, and so the first cursor, again.
 */
export function resuming(client, session) {
  return {
    subscribe(request, sink) {
      const stop = new AbortController();
      follow(client, session, request, sink, stop.signal);
      return () => stop.abort();
    },
  };
}

async function follow(client, session, request, sink, signal) {
  const variables = { ...request.variables };
  let [results, failures] = [undefined, 0];
  signal.addEventListener('abort', () => results.return());
  while (!signal.aborted) {
    const start = Date.now();
    results = client.iterate({ ...request, variables });
    try {
      for await (const result of results) {
        if (codes(result.errors).includes('UNAUTHENTICATED')) throw result.errors;
        sink.next(result);
        variables.after = result.data?.taskChanged?.cursor ?? variables.after;
      }
      if (!signal.aborted) sink.complete();
      return;
    } catch (problem) {
      if (signal.aborted) return;
      if (isLasting(problem, session)) {
        sink.error(problem);
        return;
      }
      if (isRefusedToken(problem)) session.expire();
    }
    failures = Date.now() - start > 30_000 ? 0 : failures + 1;
    await pause(Math.random() * Math.min(500 * 2 ** failures, 30_000));
  }
}

/** Whether it would go wrong again. A problem is a list of errors, or has the code of a socket or the status of a response. */
function isLasting(problem, session) {
  if (isRefusedToken(problem)) return !session.headers.Authorization;
  if (Array.isArray(problem)) return !codes(problem).some((code) => LATER.includes(code));
  return problem instanceof SessionEnded || LASTING.includes(problem.code ?? problem.response?.status);
}

const LATER = ['RATE_LIMITED', 'OVERLOADED', 'TIMEOUT'];
const LASTING = [400, 403, 404, 406, 413, 415, 421, 1002, 1007, 1008, 1009, 4400, 4401, 4409, 4429, 4500];

function isRefusedToken(problem) {
  return codes(problem).includes('UNAUTHENTICATED') || problem.code === 4403 || problem.response?.status === 401;
}

function codes(errors) {
  return Array.isArray(errors) ? errors.map(({ extensions }) => extensions?.code) : [];
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
