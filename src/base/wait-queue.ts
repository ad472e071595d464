/**
 * A queue for work that an isolate can do only once at a time. A request that would wait too long
 * is refused.
 */
import { Fault } from './faults.ts';
import type { Pause } from './scrypt.ts';

/** How many requests may wait, in all and from one network. */
const MOST_WAITING = 8;
const MOST_OF_ONE_NETWORK = 2;
/** The longest that a request waits, in milliseconds. */
const PATIENCE_MS = 2_000;
/** How often a waiting request checks whether it is its turn, in milliseconds. */
const STEP_MS = 10;
/**
 * A request that shows no sign of life for so long counts as cancelled, in milliseconds. The next
 * one has its turn.
 */
const SILENCE_MS = 1_000;

/** A plain value: workerd does not let a promise pass from one request to another. */
interface Ticket {
  network: string;
  /** When it loses its place, in epoch milliseconds. */
  until: number;
}

/** Runs work when it is its turn. `pause` yields to other requests, and is the sign of life. */
export type InTurn = <Value>(work: (pause: Pause) => Promise<Value>) => Promise<Value>;

const crowded = () =>
  new Fault('LIMITED', 'Too many passwords are being checked. Try again in a few seconds.', {
    retryAfter: PATIENCE_MS / 1_000,
  });

/** Work that runs so many at a time. What finds the line too long is refused. */
export class WaitQueue {
  /** The running work first, then those that wait. */
  #line: Ticket[] = [];

  /**
   * Runs `work` when it is its turn. Throws LIMITED if it would wait too long. `network` is where
   * the request came from; if it is empty, which means unknown, any number may wait.
   */
  async take<Value>(network: string, work: (pause: Pause) => Promise<Value>): Promise<Value> {
    const ticket = this.#join(network);
    try {
      await this.#wait(ticket);
      return await work(() => {
        ticket.until = Date.now() + SILENCE_MS;
        return scheduler.wait(0);
      });
    } finally {
      this.#line = this.#line.filter((one) => one !== ticket);
    }
  }

  #join(network: string): Ticket {
    const now = Date.now();
    this.#line = this.#line.filter(({ until }) => until > now);
    const waiting = this.#line.slice(1);
    const neighbours = waiting.filter((one) => network !== '' && one.network === network);
    if (waiting.length >= MOST_WAITING || neighbours.length >= MOST_OF_ONE_NETWORK) throw crowded();
    const ticket = { network, until: now + PATIENCE_MS };
    this.#line.push(ticket);
    return ticket;
  }

  async #wait(ticket: Ticket): Promise<void> {
    while (this.#line[0] !== ticket) {
      await scheduler.wait(STEP_MS);
      const now = Date.now();
      this.#line = this.#line.filter(({ until }) => until > now);
      if (!this.#line.includes(ticket)) throw crowded();
    }
    ticket.until = Date.now() + SILENCE_MS;
  }
}
