/**
 * A fault at every step of every change: afterwards it is there whole, with its event, or not at
 * all, and the same call again brings it about.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { edge } from '../../src/edge/routes.ts';
import { createApp, newIsolate } from '../../src/index.ts';
import { routes } from '../../src/rest/routes.ts';
import { type Base, calls, newBase, operationOf, type Prepared } from './calls.ts';
import { hasten, mutations, passSessions, requestOf, send, sweep } from './run.ts';
import { compare, judgeCopies, PENDING, readState, restore, type State } from './state.ts';
import { newStores, WAYS } from './stores.ts';

const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path}`;
/** What asks, and changes nothing. */
const ASKS = /^GET |^POST \/introspect$/;

const operations = new Set([
  ...Object.keys(mutations),
  ...[...routes, ...edge.routes].map(nameOf).filter((name) => !ASKS.test(name)),
]);

it('knows a call of every operation that changes something, and of nothing else', () => {
  expect(new Set(Object.keys(calls).map(operationOf))).toEqual(operations);
});

/** What a call does when it is repeated, where that is not nothing, with the same answer. */
const AGAIN: Record<string, string> = {
  'updateUser renamed': 'is refused: nobody has the old id any more',
  addUserSession: 'opens another session',
  'ensureUserAccess of a stranger': 'opens another session, having no token to show',
  addApiKey: 'makes another key',
  rotateApiKey: 'makes another successor',
  addIntermediary: 'makes another tenant',
  'POST /authenticate': 'opens another session',
  'POST /password': 'is refused: a reset token works once',
  'POST /user': 'is refused: the e-mail address is in use, by whom the first call added',
  'PATCH /user/me': 'is refused: the old password is the old one no longer',
  'POST /user/:id/password-reset': 'makes another token, and the lost one worthless',
  'POST /project': 'makes another project',
  'POST /project/:id/station': 'is refused: the code is in use, by what the first call put up',
  'POST /station/:id/sensor': 'makes another sensor',
  'POST /sensor/:id/channel': 'makes another channel',
  'POST /revoke by itself': 'is refused: who has signed out is nobody',
  'DELETE /session': 'is refused: who has signed out is nobody',
};
const AGAIN_BY_METHOD: Record<string, string> = {
  DELETE: 'finds nothing',
};
const again = (name: string): string | undefined =>
  AGAIN[name] ?? AGAIN_BY_METHOD[name.split(' ')[0] ?? ''];

/**
 * Whose copies wait for the sweep where D1's answer to the change was lost: they could not be
 * published then, and the same call again finds nothing to change.
 */
const SWEPT = new Set([
  ...['updateUser renamed', 'removeUser', 'ensureUserAccess'],
  ...['addDevicePermissions', 'addDevicePermissions shortened', 'addChargingPermission'],
  ...['removeDevicePermissions', 'removeChargingPermission', 'removeAllDevicePermissions'],
  ...['addDevices with another meter', 'removeDevices', 'removeIntermediary'],
  ...[
    'POST /password',
    'PATCH /user/me',
    'PATCH /user/:id stations',
    'PATCH /user/:id address',
    'PATCH /user/:id demoted',
    'DELETE /user/:id',
    'DELETE /station/:id',
  ],
  ...['POST /revoke by itself', 'DELETE /session'],
  ...['removeApiKey endMinted', 'DELETE /user/:id end_minted'],
]);
/** What takes something away that copies would go on giving. */
const WITHDRAWS = new Set([
  ...['updateUser suspended', 'updateUser renamed', 'removeUser'],
  ...['removeDevicePermissions', 'removeChargingPermission', 'removeAllDevicePermissions'],
  ...['addDevicePermissions shortened', 'removeUserSession', 'removeUserSessions'],
  ...['addDevices with another meter', 'removeDevices', 'removeIntermediary'],
  ...['POST /password', 'PATCH /user/me', 'PATCH /user/:id stations', 'PATCH /user/:id disabled'],
  ...['PATCH /user/:id demoted', 'PATCH /user/:id address', 'PATCH /user/:id end_minted'],
  ...['removeApiKey endMinted', 'DELETE /user/:id end_minted'],
  ...['DELETE /user/:id', 'DELETE /station/:id'],
  ...['POST /revoke', 'POST /revoke by itself', 'DELETE /session'],
]);

let base: Base;
let start: State;
const count = { steps: 0, faults: 0 };

beforeAll(async () => {
  base = await newBase();
  start = await readState();
  expect(judgeCopies(start), 'what every case begins with').toEqual({ wrong: [], missing: [] });
  hasten();
});

afterAll(() => {
  console.info(
    `${operations.size} operations in ${Object.keys(calls).length} calls: ${count.steps} ` +
      `steps, ${count.faults} faults`,
  );
});

/** The action of the one event that an operation writes. */
function actionOf(operation: string, { body }: Prepared): string {
  const declared =
    mutations[operation]?.extensions.action ??
    routes.find((route) => nameOf(route) === operation)?.action;
  return typeof declared === 'function' ? declared({ input: body }) : String(declared);
}

describe('each change is made whole, once, or not at all, whichever call to a store fails:', () => {
  it.each(Object.keys(calls))(
    '%s',
    async (name) => {
      const operation = operationOf(name);
      const prepared = calls[name]?.(base) ?? {};
      const known = JSON.stringify([start.rows, prepared.body]);
      const begin = async () => {
        await restore(start);
        const app = createApp(newIsolate());
        return (stores = newStores(), whenAnswered?: () => void) =>
          send(app, stores, requestOf(base, operation, prepared), whenAnswered);
      };
      const old = new Set(start.rows.audit_events?.map(({ number }) => number));
      const look = async () => {
        const state = await readState();
        const events = state.rows.audit_events?.filter(({ number }) => !old.has(number)) ?? [];
        const actions = events.map(({ action }) => action).sort();
        return { ...state, actions, rows: compare(state.rows, known), ...judgeCopies(state) };
      };
      const whole = { missing: [], wrong: [] };

      // Without a fault, and once more.
      let act = await begin();
      const { calls: steps, ...stores } = newStores();
      let answeredAt = 0;
      const first = await act({ calls: steps, ...stores }, () => {
        answeredAt = steps.length;
      });
      expect(first).toMatchObject({ isDone: true });
      const once = await look();
      expect(once).toMatchObject(whole);
      expect(once.actions).toEqual(prepared.events ?? [actionOf(operation, prepared)]);
      const second = await act();
      const twice = await look();
      const isRepeated =
        JSON.stringify([second, twice.rows]) === JSON.stringify([first, once.rows]);
      expect(isRepeated, again(name)).toBe(again(name) === undefined);

      const untouched = compare(start.rows, known);
      let isSwept = false;
      for (const [at, step] of steps.entries()) {
        for (const way of WAYS) {
          const why = `call ${at + 1}, ${step}, fails ${way} it takes effect`;
          act = await begin();
          const answer = await act(newStores({ at: at + 1, way }));
          const then = await look();
          const isThere = JSON.stringify(then.rows) === JSON.stringify(once.rows);
          if (!isThere) {
            const { rows, copies } = then;
            expect({ rows, copies }, why).toEqual({ rows: untouched, copies: start.copies });
          }
          count.faults++;
          // What was answered is not asked for again.
          if (answer.status !== 503) {
            expect({ answer, isThere }, why).toEqual({ answer: first, isThere: true });
            expect(then, why).toMatchObject(whole);
            continue;
          }

          expect(await act(), why).toEqual(isThere ? second : first);
          const end = await look();
          expect(end.rows, why).toEqual((isThere ? twice : once).rows);
          if (end.wrong.length > 0) {
            isSwept = true;
            await sweep();
            expect((await look()).wrong, why).toEqual([]);
          }
        }
      }
      expect(isSwept, 'copies wait for the sweep').toBe(SWEPT.has(name));
      count.steps += steps.length;

      // All that was to be done behind the answer is forgotten.
      if (answeredAt === steps.length) return;
      const mortal = newStores();
      act = await begin();
      expect(await act(mortal, mortal.die)).toEqual(first);
      expect((await look()).rows).toEqual(once.rows);
      const pending = async () => (await readState()).rows[PENDING]?.length ?? 0;
      expect((await pending()) > 0, 'leaves a row').toBe(WITHDRAWS.has(name));
      if (WITHDRAWS.has(name)) {
        // The sweep is past these sessions: it finds them by the row alone.
        await passSessions();
        await sweep();
        expect((await look()).wrong).toEqual([]);
        expect(await pending()).toBe(0);
        const late = newStores();
        await send(createApp(newIsolate()), late, requestOf(base, operation, prepared), late.die);
        expect(await pending(), 'what withdraws nothing leaves no row').toBe(0);
      }
      await sweep();
      expect((await look()).wrong).toEqual([]);
      count.faults++;
    },
    60_000,
  );
});
