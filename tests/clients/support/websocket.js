// `WebSocket`, as browsers have it, and Node from 22 on.
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket;
