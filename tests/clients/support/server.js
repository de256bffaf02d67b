// The real server, on a free port of this machine, with a folder and a database of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { until } from './until.js';

const PROGRAM =
  process.env.TASKWARD_PROGRAM ?? fileURLToPath(new URL('../../../target/debug/taskward', import.meta.url));

/** What every server here is set to: a test logs in as often as it likes, and no log is written. */
const SETTINGS = { 'rate_limit.login': '1000/second', 'rate_limit.user': '1000/second', 'log.file': '' };

/** Starts a server for as long as the test `t` runs, with settings such as `{ 'persisted.mode': 'off' }`. */
export async function startServer(t, settings = {}) {
  const server = new Server(await mkdtemp(join(tmpdir(), 'taskward-clients-')), await freePort(), settings);
  t.after(async () => {
    await server.stop();
    await rm(server.folder, { recursive: true });
  });
  await server.start();
  return server;
}

class Server {
  #process;
  #output = '';

  constructor(folder, port, settings) {
    this.folder = folder;
    this.port = port;
    this.settings = { ...SETTINGS, 'server.listen': `127.0.0.1:${port}`, ...settings };
    this.origin = `http://127.0.0.1:${port}`;
    this.url = `${this.origin}/graphql`;
    this.socketUrl = `ws://127.0.0.1:${port}/graphql`;
  }

  /** Starts it, or starts it again, on the same port and with the same database. */
  async start() {
    const child = spawn(PROGRAM, { cwd: this.folder, env: environment(this.settings), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.#output += chunk));
    this.#process = child;
    await until('the server to answer', async () => {
      if (child.exitCode !== null) throw new Error(`the server stopped:\n${this.#output}`);
      return (await fetch(`${this.origin}/healthz`).catch(() => undefined))?.ok;
    });
  }

  /** Asks it to stop, as systemd would, or kills it, and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit', { signal: AbortSignal.timeout(15_000) });
  }

  /** Stops it, lets `act` use its database by a server that nobody else knows, and starts it again. */
  async restart(signal, act) {
    await this.stop(signal);
    const unknown = new Server(this.folder, await freePort(), {});
    try {
      await unknown.start();
      await act(unknown);
    } finally {
      await unknown.stop();
    }
    await this.start();
  }
}

/** `persisted.mode` is `TASKWARD_PERSISTED__MODE`. */
function environment(settings) {
  const names = Object.entries(settings).map(([name, value]) => [
    `TASKWARD_${name.replace('.', '__').toUpperCase()}`,
    String(value),
  ]);
  return { PATH: process.env.PATH, ...Object.fromEntries(names) };
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}
