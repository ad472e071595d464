/** What workerd holds in memory, once what nobody needs any more has been collected. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** In bytes. */
export interface Memory {
  /** Of the whole process: the Worker, and the simulators of D1, KV and the limits. */
  resident: number;
  /** Of the Worker's own isolate; undefined where there is no way in. */
  heap: number | undefined;
}

const KILOBYTE = 1024;

function residentOf(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kilobytes) * KILOBYTE;
}

/** An isolate that has nothing to do collects nothing either, and is not waited for. */
const PATIENCE_MS = 3_000;

/** One isolate, by the inspector of V8. */
class Isolate {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: { usedSize: number }) => void>();
  #count = 0;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      this.#answers.get(id)?.(result);
      this.#answers.delete(id);
    });
  }

  opened(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      this.#socket.addEventListener('error', reject);
    });
  }

  ask(method: string): Promise<{ usedSize: number } | undefined> {
    const id = this.#count++;
    const answer = new Promise<{ usedSize: number }>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method }));
    return Promise.race([answer, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }
}

/**
 * What reads the memory of a workerd. Its isolates are made to collect first: V8 lets a heap that
 * is far from its limit fill up with garbage for many minutes, and those of the simulators more
 * than the Worker's.
 */
export async function openMemory(pid: number, inspector?: URL): Promise<() => Promise<Memory>> {
  const isolates = new Map<string, Isolate>();
  if (inspector) {
    const list = await (
      await fetch(new URL('/json', inspector.href.replace(/^ws/, 'http')))
    ).json();
    for (const { id, webSocketDebuggerUrl } of list as Record<string, string>[]) {
      if (!/^(core:user|d1|kv|ratelimit):/.test(id ?? '')) continue;
      const isolate = new Isolate(webSocketDebuggerUrl ?? '');
      await isolate.opened();
      isolates.set(id ?? '', isolate);
    }
  }
  const worker = isolates.get('core:user:latchkey');
  return async () => {
    await Promise.all([...isolates.values()].map((one) => one.ask('HeapProfiler.collectGarbage')));
    const usage = await worker?.ask('Runtime.getHeapUsage');
    return { resident: residentOf(pid), heap: usage?.usedSize };
  };
}
