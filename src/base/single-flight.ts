/**
 * One question for all requests of an isolate that want to know the same at the same time. They share nothing but
 * memory: workerd lets no promise pass from one request to another, so whoever waits looks there from time to time.
 */
import { TtlCache } from './ttl-cache.ts';

interface Answered<Answer> {
  /** Which question they answer. */
  nth: number;
  /** Epoch milliseconds. */
  at: number;
  /** By the names of its parts. */
  answers: ReadonlyMap<string, Answer>;
}

/** What is asked about one subject: plain values, that stay when the request that wrote them is gone. */
interface Subject<Part, Answer> {
  /** How many questions have begun. */
  begun: number;
  /** When the one under way is given up on, in epoch milliseconds; 0: none is under way. */
  until: number;
  /** The parts of the one under way, and of the next one, by name. */
  asked: ReadonlyMap<string, Part>;
  wanted: Map<string, Part>;
  /** Of late, the newest last. */
  recent: Answered<Answer>[];
  /** The last question that failed. */
  failed: { nth: number; fault: unknown } | undefined;
}

export interface Flight<Part, Answer> {
  name: string;
  part: Part;
  /**
   * Whether the answer must be of a question that begins from now on: one that is under way may have read before a
   * change that whoever asks knows of.
   */
  fresh: boolean;
  /** What became known meanwhile by another way; undefined: nothing. */
  known(): Answer | undefined;
  /** Keeps the request alive until this has come to its end, though the client hangs up: others wait for it. */
  keep(asking: Promise<unknown>): void;
  /** Puts one question for all these parts, and answers each by its name. */
  ask(parts: ReadonlyMap<string, Part>): Promise<ReadonlyMap<string, Answer>>;
}

/** A question takes no longer, in milliseconds: what asks D1 gives up before. Its request may have been cancelled. */
const ASKING_MS = 4_000;
/** Whoever waits looks again after so long, and later and later, in milliseconds. */
const FIRST_LOOK_MS = 5;
const LAST_LOOK_MS = 100;
/** So long an answer is kept for those who wait, in milliseconds. */
const KEPT_MS = 1_000;
/** So much may be wanted of one subject at once. */
const MAX_PARTS = 1_000;
/** About what a subject takes of an isolate's memory, in bytes. */
const SUBJECT_BYTES = 500;

/** For each subject at most one question is under way, and one waits for all who came while it was. */
export class SingleFlight<Part, Answer> {
  readonly #subjects: TtlCache<Subject<Part, Answer>>;
  readonly #faultOf: (fault: unknown) => unknown;

  /** `capacity` in bytes, as `weigh` counts an answer; `faultOf`: what those who wait are told of a fault. */
  constructor(
    capacity: number,
    weigh: (answer: Answer) => number,
    faultOf: (fault: unknown) => unknown,
  ) {
    this.#faultOf = faultOf;
    this.#subjects = new TtlCache(capacity, ({ recent }) => {
      let bytes = SUBJECT_BYTES;
      for (const { answers } of recent) {
        for (const [name, answer] of answers) bytes += 2 * name.length + weigh(answer);
      }
      return bytes;
    });
  }

  /** The answer to one part of what is asked about `id`. Throws what the question failed with. */
  async ask(id: string, asking: Flight<Part, Answer>): Promise<Answer> {
    const { name, part, fresh, known } = asking;
    const already = known();
    if (already !== undefined) return already;
    const subject = this.#subjectOf(id);
    const joins = !fresh && isUnderWay(subject) && subject.asked.has(name);
    const nth = joins ? subject.begun : subject.begun + 1;
    if (!joins) want(subject, name, part, this.#faultOf);
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 1.5, LAST_LOOK_MS)) {
      const meanwhile = known();
      if (meanwhile !== undefined) return meanwhile;
      const told = subject.recent.findLast((one) => one.nth >= nth && one.answers.has(name));
      if (told) return told.answers.get(name) as Answer;
      if (subject.failed && subject.failed.nth >= nth) throw subject.failed.fault;
      if (!isUnderWay(subject)) break;
      await scheduler.wait(pause);
    }
    want(subject, name, part, this.#faultOf);
    const answer = this.#put(id, subject, asking);
    asking.keep(answer.catch(() => {}));
    return answer;
  }

  #subjectOf(id: string): Subject<Part, Answer> {
    const known = this.#subjects.get(id, Date.now());
    if (known) return known;
    const subject: Subject<Part, Answer> = {
      ...{ begun: 0, until: 0, failed: undefined },
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
    // Who is here already and waits for a turn would come too late for it: the answer of another serves the others.
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
        // Those who wait for the next one would fail as well, one after the other.
        subject.begun++;
        subject.wanted = new Map();
        subject.asked = new Map();
        subject.until = 0;
      }
      subject.failed = { nth: Math.min(subject.begun, nth + 1), fault: this.#faultOf(fault) };
      throw fault;
    } finally {
      // Another may have begun, where this one took too long.
      if (subject.begun === nth) {
        subject.until = 0;
        subject.asked = new Map();
      }
      this.#keep(id, subject);
    }
  }
}

const isUnderWay = ({ until }: Subject<unknown, unknown>): boolean => until > Date.now();

/** What says nothing more leaves a part as it is. */
function want<Part>(
  { wanted }: Subject<Part, unknown>,
  name: string,
  part: Part,
  faultOf: (fault: unknown) => unknown,
): void {
  if (wanted.has(name) && part === undefined) return;
  if (wanted.size >= MAX_PARTS && !wanted.has(name)) throw faultOf(undefined);
  wanted.set(name, part);
}
