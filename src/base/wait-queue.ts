/** Turns at what an isolate can bear once at a time; who cannot have one soon is refused. */
import { Fault } from './faults.ts';
import type { Pause } from './scrypt.ts';

/** How many may wait, and how many of them from one network. */
const MOST_WAITING = 8;
const MOST_OF_ONE_NETWORK = 2;
/** How long they wait, in milliseconds. */
const PATIENCE_MS = 2_000;
/** A request that waits looks so often whether it is its turn. */
const STEP_MS = 10;
/** Whoever gives no sign of life for so long is thought to be cancelled: the next has its turn. */
const SILENCE_MS = 1_000;

/** A plain value: a promise must not pass from one request to another. */
interface Ticket {
  network: string;
  /** Until when it keeps its place, in epoch milliseconds. */
  until: number;
}

/** Works once it has its turn. `pause` lets the isolate do other things, and is the sign of life. */
export type InTurn = <Value>(work: (pause: Pause) => Promise<Value>) => Promise<Value>;

const crowded = () =>
  new Fault('LIMITED', 'Too many passwords are being checked. Try again in a few seconds.', {
    retryAfter: PATIENCE_MS / 1_000,
  });

export class WaitQueue {
  /** Whose turn it is, and who waits behind. */
  #line: Ticket[] = [];

  /**
   * Does `work` when it is its turn, and throws LIMITED when that would be too late. `network` tells where the request
   * came from; of the empty one, which is unknown, any number may wait.
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
