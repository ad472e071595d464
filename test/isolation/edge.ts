/** Questions about tokens, over HTTP and by RPC, and all other paths in front of the faces. */
import { exports } from 'cloudflare:workers';
import { readQuestion } from '../../src/edge/question.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import { type EdgeCase, edgeCases, sentBeside } from '../operations/cases.ts';
import { rpcOperations as rpc } from '../operations/edge.ts';
import type { Caller, Ids } from '../operations/operation.ts';
import { type IdWord, questionWords, wordOf } from '../operations/words.ts';
import type { Operation, Place, Shape, ValueAt } from './operation.ts';
import type { Kind } from './two.ts';

const place = (at: string, word: IdWord): Place => ({ at, word });
const tenant = place('tenant', { id: 'tenantId', isOwn: true });
const token = place('token', { id: 'accessToken' });
/** Where the credential itself is what is asked about. */
const presented = (credential: string | null): Place => ({
  ...token,
  word: { ...token.word, mine: credential, isOwn: true },
});

const session: Rule = rules['session.signOut'];
const everybody: Rule = { guest: true };

interface Question {
  about: Place[];
  pairs(valueAt: ValueAt): Record<string, string>;
}

/** No question, and then each possible one, in the words of the message for a wrong question. */
const questions: [none: Question, ...Question[]] = (() => {
  const words =
    /none of (.*)\.$/.exec(readQuestion([['', '']]).malformed ?? '')?.[1]?.split(', ') ?? [];
  const always: [string, string][] = [];
  const subjects: Place[] = [];
  for (const name of words) {
    const word = wordOf(questionWords, [name], 'questionWords');
    if ('id' in word) subjects.push(place(name, word));
    else if (word.fill !== undefined) always.push([name, String(word.fill)]);
  }
  const about = (...places: Place[]): Question => ({
    about: places,
    pairs: (valueAt) =>
      Object.fromEntries([...always, ...places.map((one) => [one.at, String(valueAt(one))])]),
  });
  return [about(), ...subjects.map((subject) => about(subject))];
})();

/** The rule of an operation, in all its ways: a session is only ever about itself. */
function ruleOf({ operation, entry: { action } }: EdgeCase): Rule {
  const callers = edgeCases().filter((other) => other.operation === operation);
  const isBy = (caller: Caller) => callers.some(({ by }) => by.includes(caller));
  if (isBy('guest')) return everybody;
  return { ...(action && rules[action]), ...(isBy('session') && session) };
}

type Bare = Omit<Shape, 'name'>;

/** Each question that can be asked on a path, of the tenant that the path names, or of none. */
const asking = (one: EdgeCase): Bare[] =>
  questions.map(({ about, pairs }) => ({
    rules: [session],
    by: ['session'],
    places: one.operation.includes(':tenant') ? [...about, tenant, presented(null)] : about,
    call(send, credential, valueAt) {
      const { path } = sentBeside(one, { tenantId: String(valueAt(tenant)) } as Ids);
      const bearer = credential && String(valueAt(presented(credential)));
      return send(`${path}?${new URLSearchParams(pairs(valueAt))}`, bearer);
    },
  }));

/**
 * A form with a token: by a bearer credential, or with the id of its tenant by Basic or in the
 * form.
 */
const holding = (one: EdgeCase, scheme?: 'Basic' | 'form'): Bare => {
  const [by] = one.by;
  const { action } = one.entry;
  return {
    rules: [scheme && action ? rules[action] : ruleOf(one)],
    by: by === 'session' ? ['session'] : ['key'],
    places: scheme ? [token, tenant] : [token],
    call(send, credential, valueAt) {
      const basic = `Basic ${btoa(`${valueAt(tenant)}:${credential}`)}`;
      const value = valueAt(by === 'session' ? presented(credential) : token);
      const client = { client_id: String(valueAt(tenant)), client_secret: String(credential) };
      return send(one.operation.replace('POST ', ''), scheme ? null : credential, {
        method: 'POST',
        headers: scheme === 'Basic' && credential !== null ? { Authorization: basic } : {},
        body: new URLSearchParams({
          token: String(value),
          ...(scheme === 'form' && credential !== null ? client : {}),
        }),
      });
    },
  };
};

/** What a suite's other devices are here. */
const kinds: Record<string, Kind> = { freeDeviceId: 'deviceId', leakedKeyId: 'keyId' };

/** The place of an id that the table names. */
const placeOf = (id: string): Place =>
  id === 'tenantId' ? tenant : place(id, { id: kinds[id] ?? (id as Kind) });

/** Ids that come from `valueAt`; `note` hears of each that is asked for. */
const idsFrom = (valueAt: ValueAt, note: (place: Place) => void = () => {}): Ids =>
  new Proxy({} as Ids, {
    get(_, id: string) {
      note(placeOf(id));
      return String(valueAt(placeOf(id)));
    },
  });

/** Whatever else is sent, with each id that it names in a place of its own. */
const calling = (one: EdgeCase): Bare => {
  const places = new Map<string, Place>();
  sentBeside(
    one,
    idsFrom(
      () => '',
      (place) => places.set(place.at, place),
    ),
  );
  const isAboutCaller = one.by[0] === 'session' && one.operation.includes(':tenant');
  return {
    rules: [one.by.includes('session') && isAboutCaller ? session : ruleOf(one)],
    by: one.by,
    places: [...places.values(), ...(isAboutCaller ? [presented(null)] : [])],
    isRefused: one.entry.refused === true,
    call(send, credential, valueAt) {
      const { path, method, body, headers } = sentBeside(one, idsFrom(valueAt));
      const bearer = isAboutCaller ? valueAt(presented(credential)) : credential;
      return send(path, bearer === null ? null : String(bearer), {
        method,
        headers: { ...(body && { 'Content-Type': 'application/json' }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
      });
    },
  };
};

function shapesOf(one: EdgeCase): Bare[][] {
  const { takes } = one.entry;
  if (takes === 'question') return [asking(one)];
  if (takes !== 'token') return [[calling(one)]];
  const isClient = one.by.includes('key');
  return [undefined, ...(isClient ? (['Basic', 'form'] as const) : [])].map((scheme) => [
    holding(one, scheme),
  ]);
}

const operationOf = (name: string, forbidden: 401 | 403, shapes: Bare[]): Operation => ({
  name,
  forbidden,
  shapes: shapes.map((shape) => ({ name, ...shape })),
});

export const edgeOperations = (): Operation[] =>
  edgeCases().flatMap((one) =>
    shapesOf(one).map((shapes) => operationOf(one.name, one.entry.forbidden ?? 401, shapes)),
  );

const statuses: Record<string, number> = { allowed: 200, active: 200, denied: 403 };

const { TokenAuthority: authority } = exports as unknown as {
  TokenAuthority: Record<string, (token: unknown, question: object) => Promise<{ kind: string }>>;
};

/** Of an answer that is none of HTTP's: the status that it would have there. */
export const rpcOperations = (): Operation[] =>
  Object.entries(rpc).map(([method, { takes }]) =>
    operationOf(
      `TokenAuthority.${method}`,
      401,
      (takes === 'question' ? questions : [questions[0]]).map(
        ({ about, pairs }): Bare => ({
          rules: [session],
          by: ['session'],
          places: [...about, tenant, presented(null)],
          async call(_, credential, valueAt) {
            const question = { ...pairs(valueAt), tenant: String(valueAt(tenant)) };
            const answer = await authority[method]?.(valueAt(presented(credential)), question);
            return Response.json(answer, { status: statuses[answer?.kind ?? ''] ?? 401 });
          },
        }),
      ),
    ),
  );
