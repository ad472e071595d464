/**
 * An open loop: arrivals by the clock, whether or not answers come. In a thread of its own, to be
 * in nobody's way.
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';

export interface Shot {
  method: string;
  path: string;
  credential: string;
  type?: string;
  body?: string;
}

interface Order {
  url: string;
  perSecond: number;
  /** Sent in turn, again and again. */
  shots: Shot[];
  /**
   * Shared with whoever ordered it: 1 ends it, and the counts by status begin at 1; at 0, how many
   * were not sent.
   */
  counts: Int32Array;
}

/** Requests under way at once: who comes when there are so many is not sent, and counted at 0. */
const OUTSTANDING = 500;
const STEP_MS = 5;
const STATUSES = 600;

/**
 * What an attacker got: how many answers of each status, and how many requests a second were sent.
 */
export interface Got {
  statuses: Record<number, number>;
  perSecond: number;
  unsent: number;
}

/**
 * A thread that is ready to send, so that its start costs nobody anything later. The answer begins
 * it; the answer to that ends it, and tells what came of it.
 */
export async function readyToFlood(
  url: URL,
  perSecond: number,
  shots: Shot[],
): Promise<() => () => Promise<Got>> {
  const counts = new Int32Array(new SharedArrayBuffer(4 * STATUSES));
  const order: Order = { url: url.href, perSecond, shots, counts };
  const worker = new Worker(new URL(import.meta.url), { workerData: order });
  worker.on('error', (error) => {
    throw error;
  });
  await once(worker, 'message');
  return () => begin(worker, counts);
}

function begin(worker: Worker, counts: Int32Array): () => Promise<Got> {
  worker.postMessage('begin');
  const start = performance.now();
  return async () => {
    const seconds = (performance.now() - start) / 1_000;
    await worker.terminate();
    const statuses: Record<number, number> = {};
    counts.forEach((count, status) => {
      if (status > 0 && count > 0) statuses[status] = count;
    });
    const answered = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    return { statuses, perSecond: answered / seconds, unsent: counts[0] ?? 0 };
  };
}

/** The status of what could not be sent, or was cut off. */
const CUT = 1;

async function send({ url, perSecond, shots, counts }: Order): Promise<never> {
  const agent = new Agent({ keepAlive: true, maxSockets: OUTSTANDING });
  const { hostname, port } = new URL(url);
  let [sent, outstanding] = [0, 0];
  const end = (status: number) => {
    outstanding--;
    counts[status] = (counts[status] ?? 0) + 1;
  };
  const shoot = ({ method, path, credential, type = 'application/json', body }: Shot) => {
    outstanding++;
    const headers = {
      Authorization: `Bearer ${credential}`,
      ...(body && { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
    };
    request({ hostname, port, agent, method, path, headers }, (answer) => {
      answer.resume().on('close', () => end(answer.statusCode ?? CUT));
    })
      .on('error', () => end(CUT))
      .end(body);
  };
  for (const start = performance.now(); ; await sleep(STEP_MS)) {
    for (const due = ((performance.now() - start) * perSecond) / 1_000; sent < due; sent++) {
      const shot = shots[sent % shots.length];
      if (shot && outstanding < OUTSTANDING) shoot(shot);
      else counts[0] = (counts[0] ?? 0) + 1;
    }
  }
}

if (workerData?.shots && parentPort) {
  parentPort.postMessage('ready');
  await once(parentPort, 'message');
  await send(workerData);
}
