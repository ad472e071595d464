/**
 * Asks with what is theirs and with what is nobody's, compares the answers, and sees that nothing
 * of theirs moved.
 */

import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { createApp, newIsolate } from '../../src/index.ts';
import { cookieBeside, OURS, sessionIn } from '../console.ts';
import { counted } from '../doubles/counted.ts';
import { watchD1 } from '../doubles/d1.ts';
import { unlimited } from '../doubles/limits.ts';
import { newOutbox } from '../doubles/mail.ts';
import { createExecutionContext, waitOnExecutionContext } from '../execution.ts';
import { looksOf } from '../looks.ts';
import { newReceivers } from '../receiver.ts';
import { readCopies, restoreCopies, restoreTables } from '../stored.ts';
import { env, newWorld, operator, UNLIMITED } from '../world.ts';
import { deadCredentials, liveCredentials } from './credentials.ts';
import type { By, Operation, Place, Send, Shape, ValueAt } from './operation.ts';
import { cellsIn, copiesOf, readState, secretsOf, touchedIn, writtenIn } from './state.ts';
import { newParty, nobodys, type Party } from './two.ts';

/** In every text of theirs, and in none of mine. */
const WORD = 'zanzibar';

/** Not the answer's own: numbers of the request and of its bytes. */
const PASSING = ['x-request-id', 'x-latchkey-bookmark', 'content-length', 'date'];

const IS_TIME = /(At|_at)$/;
/** Some lists are told from others by ids that are new. */
const IS_CURSOR = /(^c|C)ursor$/;
const placeOf = (cursor: string): unknown =>
  JSON.parse(Buffer.from(cursor, 'base64url').toString()).slice(1);

const IS_ID = /(^id|Id|_id|[tT]oken|secret|public_key)$/;

interface Told {
  status: number;
  body: string;
  /** All of the answer, without what no two answers share. */
  text: string;
}

/** What is put in some places instead of what is mine. */
type Sent = Map<string, string>;

const isolate = newIsolate();
const app = createApp(isolate);
const limits = {
  // Every field of every field is asked for.
  GRAPHQL_MAX_COST: '1000000000',
  ...UNLIMITED,
  TRIES_BY_ADDRESS: unlimited,
  TRIES_BY_ACCOUNT: unlimited,
};

/** Whether anything may have been changed since it was last looked. */
let isTouched = false;

const watched = {
  DB: watchD1({
    after(results) {
      isTouched ||= results.some(({ meta }) => meta.changed_db);
    },
  }).DB,
  SESSIONS: counted(env.SESSIONS, (method) => {
    if (method !== 'get') isTouched = true;
  }),
};
let requests = 0;

/** What stands before a credential that is sent in the cookie, from a page of the console. */
const IN_COOKIE = 'cookie ';
const below = (path: string): string => `/console/api${path}`;

/**
 * As a world sends it, but that nothing is remembered from one call to the next, as if each met
 * another isolate.
 */
const send: Send = async (path, credential, { headers, ...init } = {}) => {
  if (credential?.startsWith(IN_COOKIE)) {
    const cookie = { ...OURS, Cookie: credential.slice(IN_COOKIE.length) };
    return send(below(path), null, { ...init, headers: { ...headers, ...cookie } });
  }
  requests++;
  Object.assign(isolate, newIsolate());
  const context = createExecutionContext();
  const bearer = credential === null ? undefined : { Authorization: `Bearer ${credential}` };
  const request = new Request(`http://latchkey.test${path}`, {
    ...init,
    headers: { ...headers, ...bearer },
  });
  const response = await app.fetch(
    request,
    { ...env, ...limits, ...watched, ...newOutbox().bindings },
    context,
  );
  await waitOnExecutionContext(context);
  return response;
};

export async function openMatrix() {
  newReceivers();
  const world = newWorld();
  const mine = await newParty(world, 'iceland');
  const theirs = await newParty(world, WORD);
  const dead = await deadCredentials(world, mine);
  /**
   * Where a credential is not looked at, one of each kind will do: a password's hash takes its
   * time.
   */
  const someDead = dead.slice(0, 3);
  const live = await liveCredentials(world, mine);
  const cookie = await cookieBeside(mine.staff.at(-1) ?? '');
  const console = sessionIn(cookie).token;
  dead.push({ name: 'a session of the console', credential: console });

  // What is stored now is what every case begins with.
  const start = await readState();
  const copies = await readCopies();
  const theirCopies = copiesOf(copies, theirs);
  const secrets = [WORD, theirs.key, ...theirs.ids.accessToken, ...theirs.ids.resetToken].concat(
    secretsOf(start, theirs),
  );
  const known = new Set([...cellsIn(start), ...Object.values(mine.ids).flat()]);
  let cases = 0;

  function plain(body: string, sent: Set<string>): string {
    if (!/^[{[]/.test(body)) return body;
    const value = JSON.parse(body, (key, value) => {
      if (value === null || typeof value === 'object') return value;
      if (IS_TIME.test(key)) return '(time)';
      if (IS_CURSOR.test(key)) return placeOf(value);
      const isKnown = known.has(String(value)) || sent.has(String(value));
      // Refusals have the names of fields too, with a sentence behind each.
      const isId = IS_ID.test(key) && !/\s/.test(String(value));
      return isId && !isKnown ? '(new)' : value;
    });
    return JSON.stringify(value);
  }

  /** One case: what is answered, once nothing of theirs is told but what was sent. */
  async function ask(
    what: string,
    shape: Shape,
    credential: string | null,
    valueAt: ValueAt,
    sent: Sent = new Map(),
    via = send,
  ): Promise<Told> {
    cases++;
    const before = requests;
    const response = await shape.call(via, credential, valueAt);
    // By another way, whatever it asked was not seen.
    isTouched ||= requests === before;
    const { status } = response;
    const head = JSON.stringify([...response.headers].filter(([name]) => !PASSING.includes(name)));
    const body = await response.text();
    const values = [...new Set(sent.values())].sort((a, b) => b.length - a.length);
    const without = (text: string) =>
      values.reduce((rest, value) => rest.replaceAll(value, '(sent)'), text);
    const all = without(`${status} ${head} ${body}`);
    const leaks = shape.showsAll ? [] : secrets.filter((secret) => all.includes(secret));
    expect.soft(leaks, `${what} tells what is theirs: ${body}`).toEqual([]);
    return {
      status,
      body,
      text: without(`${status} ${head} ${plain(body, new Set(values))}`),
    };
  }

  /** Sees that nothing of theirs has changed, and brings back what has. */
  async function settle(
    what: string,
    mayChangeMine: boolean,
    notedIn: string[] = [],
  ): Promise<void> {
    if (!isTouched) return;
    isTouched = false;
    const [now, copiesNow] = await Promise.all([readState(), readCopies()]);
    const touched = touchedIn(now, start, theirs).filter((table) => !notedIn.includes(table));
    expect.soft(touched, `${what} leaves their rows alone`).toEqual([]);
    const theirsNow = copiesOf(copiesNow, theirs);
    expect.soft(theirsNow, `${what} leaves their copies alone`).toEqual(theirCopies);
    if (!mayChangeMine) {
      expect.soft(writtenIn(now, start), `${what} changes nothing`).toEqual([]);
    }
    await Promise.all([restoreTables(now, start), restoreCopies(copiesNow, copies)]);
  }

  /** What is mine in every place but those where something else is sent. */
  const valuesWith =
    (sent: Sent): ValueAt =>
    (place) => {
      if (sent.has(place.at)) return sent.get(place.at);
      return 'mine' in place.word ? place.word.mine : idAt(mine, place);
    };
  const nobodysEverywhere: ValueAt = ({ word: { id } }) => nobodys(id, theirs.ids[id][0] ?? '');

  /**
   * An unknown caller always gets the same refusal for credentials of the same form. A caller
   * without the right gets that of its right. Nothing changes.
   */
  async function refuses({ name, forbidden, shapes }: Operation): Promise<void> {
    for (const shape of shapes) {
      const isLike = ({ rules }: Shape) => isDeepStrictEqual(rules, shape.rules);
      if (shapes.find(isLike) !== shape) continue;
      const isOpen = shape.rules.some(({ guest }) => guest);
      const values = isOpen ? nobodysEverywhere : valuesWith(new Map());
      const from = async (bearers: { name: string; credential: string | null }[]) => {
        const told: Promise<Told & { what: string; looks: string }>[] = [];
        for (const { name: who, credential } of bearers) {
          const what = `${shape.name} with ${who}`;
          const looks = isOpen ? '' : looksOf(credential);
          told.push(ask(what, shape, credential, values).then((one) => ({ what, looks, ...one })));
          // Passwords are hashed one by one, and a crowd is refused.
          if (isOpen) await told.at(-1);
        }
        return Promise.all(told);
      };
      const nothing = await from([{ name: 'nothing', credential: null }]);
      const unknown = await from(isOpen ? someDead : dead);
      const known = await from(live.filter(({ mayBy }) => isOpen || !shape.rules.every(mayBy)));

      // The edge tells nobody what a credential lacks.
      const others = forbidden === 401 ? [...unknown, ...known] : unknown;
      const alike = isOpen ? [...nothing, ...unknown, ...known] : others;
      for (const { what, text, looks } of alike) {
        const first = alike.find((one) => one.looks === looks);
        expect.soft(text, `${what}, in the same words`).toBe(first?.text);
      }
      if (isOpen) continue;
      for (const { what, status } of [...nothing, ...unknown]) {
        expect.soft(status, what).toBe(401);
      }
      for (const { what, status, body } of known) {
        expect.soft([status, JSON.parse(body).data], what).toEqual([forbidden, undefined]);
      }
    }
    await settle(`${name} with wrong credentials`, false);
  }

  const credentialsOf = {
    key: [mine.key],
    operator: [operator],
    session: [mine.session, ...mine.staff],
    // One of them by the console.
    member: mine.staff.map((token, at) => (at === 0 ? token : `${IN_COOKIE}${cookie}`)),
    chief: mine.staff.slice(1),
    guest: [null],
  } satisfies Record<By, unknown>;

  /**
   * It works with what is mine; where something of theirs is put, it cannot be told from what is
   * nobody's.
   */
  async function keepsApart({ shapes }: Operation): Promise<void> {
    for (const shape of shapes) {
      const theirPlaces = shape.places.filter(({ word }) => !word.isRight);
      const together = theirPlaces.filter(({ word }) => !('mine' in word));
      for (const credential of shape.by.flatMap((by) => credentialsOf[by])) {
        const told = await ask(shape.name, shape, credential, valuesWith(new Map()));
        const works = isDone(told) || shape.isRefused === true;
        expect.soft(works, `${shape.name} works: ${told.text}`).toBe(true);
        await settle(shape.name, true);

        for (const place of theirPlaces) {
          const all = theirs.ids[place.word.id];
          const each = place.nth === undefined ? all : [idAt(theirs, place)];
          for (const id of each) await isAlike(shape, credential, [{ place, id }]);
        }
        if (together.length > 1) {
          const foreign = together.map((place) => ({ place, id: idAt(theirs, place) }));
          await isAlike(shape, credential, foreign);
        }
      }
    }
  }

  /** Puts these ids of theirs in these places, and then ids of nobody. */
  async function isAlike(
    shape: Shape,
    credential: string | null,
    foreign: { place: Place; id: string }[],
  ): Promise<void> {
    const what = `${shape.name} ${foreign.map(({ place }) => place.at).join(', ')}`;
    const answerTo = async (whose: string, pairs: [string, string][]) => {
      const sent = new Map(pairs);
      const told = await ask(`${what}, ${whose}`, shape, credential, valuesWith(sent), sent);
      await settle(`${what}, ${whose}`, true, shape.notedIn);
      return told;
    };
    const one = await answerTo(
      'theirs',
      foreign.map(({ place, id }) => [place.at, id]),
    );
    const other = await answerTo(
      'nobody’s',
      foreign.map(({ place, id }) => [place.at, nobodys(place.word.id, id)]),
    );
    const words = foreign.map(({ place }) => place.word);
    if (!words.some(({ isTold }) => isTold)) {
      expect.soft(one.text, `${what}: theirs is as nobody’s`).toBe(other.text);
    }
    if (words.some(({ isOwn }) => isOwn)) {
      expect.soft(isDone(one), `${what} with theirs: ${one.text}`).toBe(false);
    }
  }

  /**
   * A cookie of the console is nothing elsewhere. Below the console nothing else is a credential,
   * wherever it stands.
   */
  async function knowsTheDoor({ name, shapes }: Operation): Promise<void> {
    const [shape] = shapes;
    if (!shape) return;
    const values = shape.rules.some(({ guest }) => guest)
      ? nobodysEverywhere
      : valuesWith(new Map());
    const asked = (what: string, credential: string | null, via: Send) =>
      ask(`${name} with ${what}`, shape, credential, values, new Map(), via);
    const nothing = await asked('nothing', null, send);
    const elsewhere: Send = (path, _, { headers, ...init } = {}) =>
      send(path, null, { ...init, headers: { ...headers, ...OURS, Cookie: cookie } });
    const withCookie = await asked('a cookie', null, elsewhere);
    expect.soft(withCookie.text, `${name} with a cookie is as without one`).toBe(nothing.text);

    const inHeader: Send = (path, credential, { headers, ...init } = {}) =>
      send(below(path), credential, { ...init, headers: { ...headers, ...OURS } });
    const inCookie: Send = (path, credential, init) =>
      send(path, `${IN_COOKIE}__Host-latchkey=${credential}`, init);
    for (const credential of [mine.key, mine.session, operator, console]) {
      const { status } = await asked('a bearer below the console', credential, inHeader);
      expect.soft([401, 404], `${name} with a bearer below the console`).toContain(status);
    }
    if (shape.rules.some(({ guest }) => guest)) return;
    for (const credential of [mine.key, mine.session, operator]) {
      const { status } = await asked('a bearer in the cookie', credential, inCookie);
      expect.soft([401, 404], `${name} with a bearer in the cookie`).toContain(status);
    }
    await settle(`${name} through the wrong door`, false);
  }

  return { knowsTheDoor, theirs, start, theirCopies, refuses, keepsApart, countCases: () => cases };
}

/** An id of a party's for a place. */
const idAt = ({ ids }: Party, { word: { id }, nth = 0 }: Place): string =>
  ids[id][nth] ?? ids[id][0] ?? '';

/** Whatever the face: no refusal, and no answer that there is no such thing. */
function isDone({ status, body }: Told): boolean {
  if (status >= 300) return false;
  if (!body.startsWith('{')) return true;
  const { errors, data, active } = JSON.parse(body);
  const [fact] = Object.values(data ?? {}) as ({ success?: boolean } | null)[];
  return !errors && active !== false && fact !== null && fact?.success !== false;
}

export type Matrix = Awaited<ReturnType<typeof openMatrix>>;
