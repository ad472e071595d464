/** A slow queue with few consumers. */
import type { Nudge } from '../../../../src/domain/permit.ts';
import type { Clock } from './clock.ts';

const CONSUMERS = 10;
const SEND_MS = 50;
const RETRY_MS = 10_000;
const TRIES = 4;

export class SimulatedQueue {
  /** How late nudges are, in milliseconds. */
  lateMs = 5_000;
  /** Nudges are acknowledged, and lost. */
  lost = false;
  delivered = 0;
  /** The most consumers that were at work at once. */
  busiest = 0;
  readonly #clock: Clock;
  readonly #consume: (nudge: Nudge) => Promise<void>;
  readonly #due: { nudge: Nudge; tries: number }[] = [];
  #busy = 0;

  /**
   * `consume`: one invocation from its beginning to the end of its work; it throws what is to be
   * tried again.
   */
  constructor(clock: Clock, consume: (nudge: Nudge) => Promise<void>) {
    this.#clock = clock;
    this.#consume = consume;
  }

  async sendBatch(messages: Iterable<MessageSendRequest<Nudge>>): Promise<QueueSendBatchResponse> {
    await this.#clock.wait(SEND_MS);
    for (const { body } of messages) if (!this.lost) this.#deliver(body, this.lateMs, TRIES);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  }

  #deliver(nudge: Nudge, ms: number, tries: number): void {
    this.#clock.start(ms, () => {
      this.#due.push({ nudge, tries });
      void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    if (this.#busy === CONSUMERS) return;
    const next = this.#due.shift();
    if (!next) return;
    this.#busy++;
    this.busiest = Math.max(this.busiest, this.#busy);
    this.delivered++;
    try {
      await this.#consume(next.nudge);
    } catch {
      if (next.tries > 1) this.#deliver(next.nudge, RETRY_MS, next.tries - 1);
    }
    this.#busy--;
    void this.#pump();
  }
}
