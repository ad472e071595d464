/**
 * The load, in a thread of its own: keep-alive sockets that each send the next request when the
 * last is answered.
 */
import { connect, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import { answerEnds } from './http.ts';
import type { Order, Outcome, Target } from './load.ts';

/** Requests under way at once. */
const SOCKETS = 16;

class Lane {
  readonly #target: Target;
  readonly #requests: Buffer[];
  readonly #sockets = new Set<Socket>();
  #next = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#requests = target.requests.map((request) => Buffer.from(request, 'latin1'));
  }

  async run(many: number, milliseconds: number): Promise<Outcome> {
    // workerd closes what has been idle for some seconds.
    while (this.#sockets.size < SOCKETS) await this.#open();
    const latencies: number[] = [];
    const start = performance.now();
    let left = many;
    const more = (now: number) => left-- > 0 && now - start < milliseconds;
    await Promise.all([...this.#sockets].map((socket) => this.#work(socket, more, latencies)));
    return {
      milliseconds: performance.now() - start,
      latencies: Float64Array.from(latencies),
    };
  }

  #open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#target.port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.once('connect', () => {
        this.#sockets.add(socket);
        resolve();
      });
    });
  }

  #work(socket: Socket, more: (now: number) => boolean, latencies: number[]): Promise<void> {
    const { status, marker } = this.#target;
    const wanted = `HTTP/1.1 ${status} `;
    return new Promise((resolve, reject) => {
      let at = 0;
      let text = '';
      const end = (error?: Error) => {
        socket.off('data', read);
        socket.off('close', closed);
        error ? reject(error) : resolve();
      };
      const closed = () => end(new Error('The Worker closed a connection.'));
      const send = (now: number) => {
        const request = this.#requests[this.#next];
        if (!request || !more(now)) return end();
        this.#next = (this.#next + 1) % this.#requests.length;
        at = now;
        socket.write(request);
      };
      const read = (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (!answerEnds(text)) return;
        const now = performance.now();
        latencies.push(now - at);
        if (!text.startsWith(wanted) || !text.includes(marker)) {
          return end(new Error(`${wanted.trim()} with "${marker}" was wanted, and came:\n${text}`));
        }
        text = '';
        send(now);
      };
      socket.on('data', read);
      socket.on('close', closed);
      send(performance.now());
    });
  }
}

const lanes = new Map<string, Lane>();

async function obey(order: Order): Promise<Outcome> {
  if ('requests' in order) {
    lanes.set(order.name, new Lane(order));
    return { milliseconds: 0, latencies: new Float64Array() };
  }
  const lane = lanes.get(order.name);
  if (!lane) throw new Error(`Nobody is called ${order.name}.`);
  return lane.run(order.many, order.milliseconds);
}

parentPort?.on('message', async (order: Order) => {
  parentPort?.postMessage(await obey(order).catch((error) => error));
});
