/**
 * Coalesces reads: requests of an isolate that want the same thing at the same time share one
 * query. workerd does not let a promise of one request be awaited by another. So they share plain
 * values only, and those who wait look at these from time to time.
 */
import { TtlCache } from './ttl-cache.ts';

interface Answered<Answer> {
  /** The number of the query that gave them. */
  nth: number;
  /** Epoch milliseconds. */
  at: number;
  /** By the names of the parts. */
  answers: ReadonlyMap<string, Answer>;
}

/** The state of one subject: plain values, which outlive the request that wrote them. */
interface Subject<Part, Answer> {
  /** How many queries have begun. */
  begun: number;
  /** When the running query is given up, in epoch milliseconds. 0: none is running. */
  until: number;
  /** The parts of the running query, and of the next one, by name. */
  asked: ReadonlyMap<string, Part>;
  wanted: Map<string, Part>;
  /** Recent answers, the newest last. */
  recent: Answered<Answer>[];
  /** The number of the last query that failed, or of the one that was to follow it. 0: none. */
  failed: number;
}

export interface Flight<Part, Answer> {
  name: string;
  part: Part;
  /**
   * Whether the answer must come from a query that begins from now on. A running one may have read
   * before a change that the caller knows of.
   */
  fresh: boolean;
  /** The answer, if it became known in another way meanwhile. */
  known(): Answer | undefined;
  /**
   * Keeps the request alive until the query ends, even if the client hangs up: others wait for it.
   */
  keep(asking: Promise<unknown>): void;
  /** Runs one query for all these parts and returns the answers by name. */
  ask(parts: ReadonlyMap<string, Part>): Promise<ReadonlyMap<string, Answer>>;
}

/**
 * The longest that a query takes, in milliseconds. Reads of D1 give up before. After that its
 * request may have been cancelled.
 */
const ASKING_MS = 4_000;
/** Pauses between looks at a running query, from the first to the longest, in milliseconds. */
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;
/** How long an answer is kept for those who wait, in milliseconds. */
const KEPT_MS = 1_000;
/** The most parts that one query can have. */
const MAX_PARTS = 1_000;
/** About the memory that a subject takes, in bytes. */
const SUBJECT_BYTES = 500;

/**
 * For each subject, at most one query runs and one waits. Requests that come while one runs share
 * the next.
 */
export class SingleFlight<Part, Answer> {
  readonly #subjects: TtlCache<Subject<Part, Answer>>;
  readonly #unanswered: () => Error;

  /**
   * `capacity` in bytes, as `weigh` counts an answer. `unanswered` makes the error that those
   * who wait for a failed query get. The query’s own is not kept: by its stack, an error holds the
   * request that it arose in.
   */
  constructor(capacity: number, weigh: (answer: Answer) => number, unanswered: () => Error) {
    this.#unanswered = unanswered;
    this.#subjects = new TtlCache(capacity, ({ recent }) => {
      let bytes = SUBJECT_BYTES;
      for (const { answers } of recent) {
        for (const [name, answer] of answers) bytes += 2 * name.length + weigh(answer);
      }
      return bytes;
    });
  }

  /** The answer to one part of the query about `id`. Throws the error of the query. */
  async ask(id: string, asking: Flight<Part, Answer>): Promise<Answer> {
    const { name, part, fresh, known } = asking;
    const already = known();
    if (already !== undefined) return already;
    const subject = this.#subjectOf(id);
    const joins = !fresh && isUnderWay(subject) && subject.asked.has(name);
    const nth = joins ? subject.begun : subject.begun + 1;
    if (!joins) want(subject, name, part, this.#unanswered);
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, LAST_LOOK_MS)) {
      const meanwhile = known();
      if (meanwhile !== undefined) return meanwhile;
      const told = subject.recent.findLast((one) => one.nth >= nth && one.answers.has(name));
      if (told) return told.answers.get(name) as Answer;
      if (subject.failed >= nth) throw this.#unanswered();
      if (!isUnderWay(subject)) break;
      await scheduler.wait(pause);
    }
    want(subject, name, part, this.#unanswered);
    const answer = this.#put(id, subject, asking);
    asking.keep(answer.catch(() => {}));
    return answer;
  }

  #subjectOf(id: string): Subject<Part, Answer> {
    const known = this.#subjects.get(id, Date.now());
    if (known) return known;
    const subject: Subject<Part, Answer> = {
      ...{ begun: 0, until: 0, failed: 0 },
      ...{ asked: new Map(), wanted: new Map(), recent: [] },
    };
    this.#keep(id, subject);
    return subject;
  }

  #keep(id: string, subject: Subject<Part, Answer>): void {
    this.#subjects.set(id, subject, Date.now() + 2 * ASKING_MS);
  }

  async #put(
    id: string,
    subject: Subject<Part, Answer>,
    { name, fresh, ask }: Flight<Part, Answer>,
  ): Promise<Answer> {
    subject.until = Date.now() + ASKING_MS;
    this.#keep(id, subject);
    // Lets requests that have already arrived join this query.
    if (fresh) await scheduler.wait(0);
    const parts = subject.wanted;
    subject.begun++;
    const nth = subject.begun;
    subject.asked = parts;
    subject.wanted = new Map();
    try {
      const answers = await ask(parts);
      const at = Date.now();
      subject.recent = [
        ...subject.recent.filter((one) => one.at > at - KEPT_MS),
        { nth, at, answers },
      ];
      return answers.get(name) as Answer;
    } catch (fault) {
      if (subject.begun === nth) {
        // The next query would fail too. So those who wait for it fail at once, rather than one
        // after the other.
        subject.begun++;
        subject.wanted = new Map();
        subject.asked = new Map();
        subject.until = 0;
      }
      subject.failed = Math.min(subject.begun, nth + 1);
      throw fault;
    } finally {
      // If this query took too long, another may have begun.
      if (subject.begun === nth) {
        subject.until = 0;
        subject.asked = new Map();
      }
      this.#keep(id, subject);
    }
  }
}

const isUnderWay = ({ until }: Subject<unknown, unknown>): boolean => until > Date.now();

/** Adds a part to the next query. An undefined part does not replace one that is there. */
function want<Part>(
  { wanted }: Subject<Part, unknown>,
  name: string,
  part: Part,
  unanswered: () => Error,
): void {
  if (wanted.has(name) && part === undefined) return;
  if (wanted.size >= MAX_PARTS && !wanted.has(name)) throw unanswered();
  wanted.set(name, part);
}
