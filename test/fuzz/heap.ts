/**
 * Sets up the long run, and tells it how large its isolate is, which cannot know by itself: its
 * inspector does.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { TestProject } from 'vitest/node';

/** Where the inspector of workerd listens. */
export const INSPECTOR = '127.0.0.1:9777';

/** 400 requests each. */
const ROUNDS = 50;

interface Target {
  id: string;
  webSocketDebuggerUrl: string;
}

/** In bytes, once all garbage is gone: what is freed lets go of more, so that takes a few turns. */
async function heapUsed(): Promise<number> {
  const targets = (await (await fetch(`http://${INSPECTOR}/json`)).json()) as Target[];
  const runner = targets.find(({ id }) => id.startsWith('core:user:'));
  if (!runner) throw new Error('No isolate runs tests.');
  const socket = new WebSocket(runner.webSocketDebuggerUrl.replace(/#.*/, ''));
  await once(socket, 'open');
  const send = (id: number, method: string) => socket.send(JSON.stringify({ id, method }));
  for (let turn = 0; turn < 5; turn++) {
    send(turn, 'HeapProfiler.collectGarbage');
    await setTimeout(300);
  }
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    if (id === 100) resolve(result.usedSize + result.backingStorageSize);
  };
  send(100, 'Runtime.getHeapUsage');
  return promise.finally(() => socket.close());
}

export default async function setup({ provide }: TestProject) {
  const server = createServer(async (_, response) => {
    response.end(await heapUsed().then(String, String));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { FUZZ_SEED } = process.env;
  provide('fuzz', {
    heap: `http://127.0.0.1:${port}`,
    ...(FUZZ_SEED ? { rounds: 1, seed: Number(FUZZ_SEED) } : { rounds: ROUNDS }),
  });
  return () => server.close();
}
