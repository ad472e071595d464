/** A call, or some at once, made on the Worker and on the model. */
import { type Args, apply, type Call, type CallName } from './calls.ts';
import { difference, facts } from './facts.ts';
import type { Answer, Model, Thing } from './model.ts';
import { storedFacts } from './observe.ts';
import { meet, type Real, renamed } from './real.ts';
import { wire } from './wire.ts';

/**
 * What the history has made of a kind, also what is gone; but members, and the sessions of these,
 * only while they are there.
 */
const MADE = {
  tenants: ({ tenants }) => [...tenants.keys()],
  people: ({ people }) => [...people.keys()],
  sessions: ({ sessions }) => [...sessions.keys()],
  members: ({ people }) => people.flatMap(({ email, gone }, at) => (email && !gone ? [at] : [])),
  staff: ({ sessions, people }) =>
    [...sessions].flatMap(([name, { person, live }]) =>
      live && people[person]?.email ? [name] : [],
    ),
  resets: ({ people }) => people.flatMap(({ reset }) => reset?.token ?? []),
  logins: ({ people }) =>
    people.flatMap((one) => (one.password ? [`${one.tenant} ${one.email} ${one.password}`] : [])),
  keys: ({ keys }) => [...keys.keys()],
} satisfies Record<string, (m: Model) => (string | number)[]>;
export type Made = keyof typeof MADE | Thing['kind'];

/**
 * Something that the history has made before: the latest, the one before that and so on, round and
 * round.
 */
export class Earlier {
  readonly made: Made;
  readonly back: number;
  constructor(made: Made, back: number) {
    this.made = made;
    this.back = back;
  }
  in(m: Model): string | number {
    const { made, back } = this;
    const known =
      made in MADE
        ? MADE[made as keyof typeof MADE](m)
        : [...m.things].flatMap(([name, { kind }]) => (kind === made ? [name] : []));
    return (
      known.at(-1 - (back % known.length)) ??
      (made === 'people' || made === 'members' ? -1 : 'none')
    );
  }
  toJSON(): string {
    return `${this.made}[-${this.back + 1}]`;
  }
}

/** How many calls all histories made. */
export const tally = { calls: 0 };

/** A name for what a call makes. */
export const FRESH = Symbol('fresh');

/** A call, but for what only the history can tell. */
export interface Draft {
  name: CallName;
  args: object;
}

function settle(value: unknown, m: Model, r: Real): unknown {
  if (value === FRESH) return `n${++r.named}`;
  if (value instanceof Earlier) return value.in(m);
  if (Array.isArray(value)) return value.map((one) => settle(one, m, r));
  return value;
}

const settled = ({ name, args }: Draft, m: Model, r: Real): Call =>
  ({
    name,
    args: Object.fromEntries(
      Object.entries(args).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, settle(value, m, r)]],
      ),
    ),
  }) as Call;

export const print = ({ name, args }: Draft | Call): string => `${name}(${JSON.stringify(args)})`;

const text = (answer: Answer | undefined): string =>
  JSON.stringify(Object.entries(answer ?? {}).sort());

const orders = <One>(list: One[]): One[][] =>
  list.length < 2
    ? [list]
    : list.flatMap((one, at) => orders(list.toSpliced(at, 1)).map((rest) => [one, ...rest]));

const make = <Name extends CallName>(
  r: Real,
  { name, args }: { name: Name; args: Args<Name> },
): Promise<Answer> => wire[name](r, args);

/**
 * A member whose level changes while a call is under way is not known any more, and has done
 * nothing.
 */
const isUnsettled = (made: Call[], { args }: Call, answer: Answer | undefined): boolean =>
  'by' in args &&
  args.by !== null &&
  text(answer) === text({ refused: ['token'] }) &&
  made.some((call) => call.name === 'patchUser' && call.args.level !== undefined);

/**
 * The answers to calls made at once; whether a session that signs out was there still is anybody's
 * guess.
 */
const heardOf = (made: Call[], answers: Answer[]): string =>
  made
    .map(({ name }, n) => (name === 'signOut' && made.length > 1 ? name : text(answers[n])))
    .join(' & ');

/**
 * Makes the calls at once. Some order, one after the other, must explain the answers, and then what
 * D1 holds.
 */
export async function makeAtOnce(m: Model, r: Real, drafts: Draft[]): Promise<void> {
  const made = drafts.map((draft) => settled(draft, m, r));
  tally.calls += made.length;
  const answered = await Promise.all(made.map((call) => make(r, call)));
  const heard = answered.map((answer) => renamed(r, answer));
  r.trace.push(made.map((call, n) => `${print(call)} → ${text(heard[n])}`).join('\n    & '));
  const explanations = orders([...made.entries()]).map((order) => {
    const after = structuredClone(m);
    const answers: Answer[] = [];
    for (const [n, call] of order) {
      answers[n] = isUnsettled(made, call, heard[n]) ? (heard[n] as Answer) : apply(after, call);
    }
    return { after, answers: heardOf(made, answers) };
  });
  const fitting = explanations.filter(({ answers }) => answers === heardOf(made, heard));
  const wanted = [...new Set(explanations.map(({ answers }) => answers))].join('\n or ');
  if (fitting.length === 0) throw new Error(`the last should have been answered ${wanted}`);
  let [explanation] = fitting;
  if (drafts.length > 1) {
    const stored = await storedFacts(r);
    const leaves = fitting.map(({ after }) => difference(stored, facts(after)));
    explanation = fitting[leaves.indexOf('')];
    if (!explanation) throw new Error(`no order of the last leaves this:\n${leaves[0]}`);
  }
  Object.assign(m, explanation?.after);
  await meet(r, m);
}
