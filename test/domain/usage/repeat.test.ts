/** A call that changes nothing writes nothing: no row, no event, no time. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp, newIsolate } from '../../../src/index.ts';
import { routes } from '../../../src/rest/routes.ts';
import { newStores } from '../../doubles/stores.ts';
import { type Base, newBase, requestOf } from '../../faults/base.ts';
import { hasten, send } from '../../faults/run.ts';
import { readState, restore, type State } from '../../faults/state.ts';
import { type Case, writingCases } from '../../operations/cases.ts';
import { done, rest } from '../../rest/company.ts';
import { newWorld } from '../../world.ts';
import { rowsOf } from './share.ts';

let base: Base;
let start: State;

beforeAll(async () => {
  hasten();
  base = await newBase();
  start = await readState();
});

const act = (one: Case) => send(createApp(newIsolate()), newStores(), requestOf(base, one));

/** What is made anew at each call says so. */
const cases = writingCases().filter(
  ({ without, again = {} }) => !without?.faults && !('makes' in again),
);

describe('made again, whatever it answers, nothing is written by', () => {
  it.each(cases)('$name', async (one) => {
    await restore(start);
    expect(await act(one)).toMatchObject({ isDone: true });
    const after = await rowsOf();
    for (let n = 0; n < 3; n++) await act(one);
    expect(await rowsOf()).toBe(after);
  });
});

/**
 * The calls that change a thing, and what it is now: the answer to a GET is no input, but for these
 * fields.
 */
const patches: Record<string, (base: Base) => number | null> = {
  '/user/me': () => null,
  '/user/:id': ({ reader }) => reader.id,
  '/project/:id': ({ projectId }) => projectId,
  '/station/:id': ({ stationId }) => stationId,
  '/sensor/:id': ({ sensorId }) => sensorId,
  '/channel/:id': ({ channelId }) => channelId,
};

describe('nothing is written by a change to what is so already:', () => {
  const paths = routes.filter(({ method }) => method === 'patch').map(({ path }) => path);

  it('every such call is here', () => {
    expect(Object.keys(patches).sort()).toEqual(paths.sort());
  });

  it.each(paths)('PATCH %s', async (path) => {
    await restore(start);
    const world = newWorld();
    const at = path.replace(':id', String(patches[path]?.(base)));
    const { token } = base.head;
    const told: Record<string, unknown> = Object.values(
      await done(rest(world, token, `GET ${at}`)),
    )[0] as never;
    const fields = Object.keys(
      routes.find((one) => one.path === path && one.method === 'patch')?.body?.entries ?? {},
    );
    const same = Object.fromEntries(
      fields.flatMap((field) => (told[field] === undefined ? [] : [[field, told[field]]])),
    );
    if (path === '/user/:id') same.station_ids = [base.stationId];
    expect(Object.keys(same).length).toBeGreaterThan(1);
    const before = await rowsOf();
    for (const body of [
      {},
      same,
      ...Object.entries(same).map(([name, value]) => ({ [name]: value })),
    ]) {
      expect(await rest(world, token, `PATCH ${at}`, body)).toMatchObject({ status: 200 });
    }
    expect(await rowsOf()).toBe(before);
  });
});
