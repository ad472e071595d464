/**
 * A fault at every step of every change: afterwards it is there whole, with its event, or not at
 * all, and the same call again brings it about.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newStores, WAYS } from '../doubles/stores.ts';
import { eventsOf, writingCases } from '../operations/cases.ts';
import { type Base, namedBy, newBase, requestOf } from './base.ts';
import { hasten, newApp, passSessions, send, sweep } from './run.ts';
import { compare, judgeCopies, PENDING, readState, restore, type State } from './state.ts';

/** All that change something; what is not called here says why in the table. */
const cases = writingCases().filter(({ without }) => !without?.faults);

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
    `${new Set(cases.map(({ operation }) => operation)).size} operations in ${cases.length} ` +
      `calls: ${count.steps} steps, ${count.faults} faults`,
  );
});

describe(
  'each change is there whole or not at all, and once, whichever call to a store ' + 'fails:',
  () => {
    it.each(cases)(
      '$name',
      async (one) => {
        const request = () => requestOf(base, one);
        const known = JSON.stringify([start.rows, await request().text()]);
        const begin = async () => {
          await restore(start);
          const app = newApp();
          return (stores = newStores(), whenAnswered?: () => void) =>
            send(app, stores, request(), whenAnswered);
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
        expect(once.actions).toEqual(eventsOf(one, namedBy(base, one)));
        const second = await act();
        const twice = await look();
        const isRepeated =
          JSON.stringify([second, twice.rows]) === JSON.stringify([first, once.rows]);
        expect(isRepeated, JSON.stringify(one.again)).toBe(one.again === undefined);
        if (one.again) expect(second.isDone, 'is done again').toBe('makes' in one.again);

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
        expect(isSwept, 'copies wait for the sweep').toBe(one.waitsForSweep === true);
        count.steps += steps.length;

        // All that was to be done behind the answer is forgotten.
        if (answeredAt === steps.length) return;
        const mortal = newStores();
        act = await begin();
        expect(await act(mortal, mortal.die)).toEqual(first);
        expect((await look()).rows).toEqual(once.rows);
        const pending = async () => (await readState()).rows[PENDING]?.length ?? 0;
        expect((await pending()) > 0, 'leaves a row').toBe(one.withdraws === true);
        if (one.withdraws) {
          // The sweep is past these sessions: it finds them by the row alone.
          await passSessions();
          await sweep();
          expect((await look()).wrong).toEqual([]);
          expect(await pending()).toBe(0);
          const late = newStores();
          await send(newApp(), late, request(), late.die);
          expect(await pending(), 'what withdraws nothing leaves no row').toBe(0);
        }
        await sweep();
        expect((await look()).wrong).toEqual([]);
        count.faults++;
      },
      60_000,
    );
  },
);
