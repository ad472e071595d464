/** The reasons of refusals in `extensions`, for clients that did not ask for `errors`. */
import { beforeAll, describe, expect, it } from 'vitest';
import { external, fresh, type Json, newTenant, newUser, newWorld, type Tenant } from '../world.ts';

const world = newWorld();
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant(world);
});

async function ask(query: string, variables: object = {}) {
  const answer = await world.send('/graphql', tenant.key, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const text = await answer.text();
  return { body: JSON.parse(text) as Json, size: Buffer.byteLength(text) };
}

const nobody = () => `userIdentifier: { externalUser: { externalId: "${fresh('nobody')}" } }`;

describe('extensions.refusals', () => {
  it('tells of each refused mutation, by its name in the answer', async () => {
    const { id } = await newUser(world, tenant);
    const { body } = await ask(`mutation {
      addUserSession(input: { ${nobody()} }) { success }
      again: addUserSession(input: { ${nobody()} }) { session { id } }
      ...Rest
    } fragment Rest on Mutation {
      fine: removeUser(input: { ${nobody()} }) { success }
      order: addOrder(input: { userIdentifier: { companyUser: { id: "${id}" } } }) { __typename }
    }`);
    expect(body.data.fine).toEqual({ success: true });
    const unknown = {
      code: 'NOT_FOUND',
      message:
        'There is no such user. Create it first, or check the id: it is your own, compared ' +
        'exactly.',
      path: ['input', 'userIdentifier', 'externalUser', 'externalId'],
    };
    expect(body.extensions.refusals).toEqual([
      { field: 'addUserSession', ...unknown },
      { field: 'again', ...unknown },
      {
        field: 'order',
        code: expect.any(String),
        message: expect.any(String),
        path: expect.any(Array),
      },
    ]);
  });

  it('says the same as `errors`', async () => {
    const { body } = await ask(
      'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "" } } }) { ' +
        'errors { code message path } } }',
    );
    const { errors } = body.data.addUser;
    expect(errors).toHaveLength(1);
    expect(body.extensions.refusals).toEqual([{ field: 'addUser', ...errors[0] }]);
  });

  it('is not there where nothing was refused', async () => {
    for (const query of [
      '{ caller { kind } }',
      'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: ' +
        `"${fresh('user')}" } } }) { success } }`,
    ]) {
      expect(Object.keys((await ask(query)).body.extensions)).toEqual(['cost']);
    }
  });
});

describe('an answer of refusals has at most 16 KB in all', () => {
  const MAX = 16_384;
  const devices = (many: number) =>
    Array.from({ length: many }, (_, n) => ({ meterId: `${n}`.padEnd(64, 'x') }));
  const granting = async (fields: string, times: number) => {
    const { externalId } = await newUser(world, tenant);
    const calls = Array.from(
      { length: times },
      (_, n) => `${'c'.repeat(90)}${n}: addDevicePermissions(input: $input) { ${fields} }`,
    );
    return ask(`mutation ($input: AddDevicePermissionsInput!) { ${calls.join(' ')} }`, {
      input: { userIdentifier: external(externalId), deviceIdentifiers: devices(500) },
    });
  };

  it.each([1, 20])(
    'where %d did not ask for errors: what is left out is counted',
    async (times) => {
      const { body, size } = await granting('success', times);
      expect(size).toBeGreaterThan(12_000);
      expect(size).toBeLessThan(MAX);
      for (const field of Object.keys(body.data)) {
        const told = body.extensions.refusals.filter((line: Json) => line.field === field);
        expect(told.length).toBeGreaterThan(1);
        expect(told.at(-1)).toMatchObject({
          message: `${501 - told.length} more errors are omitted.`,
          path: ['input'],
        });
      }
    },
  );

  it.each([1, 20])('where %d asked for all: each has a line', async (times) => {
    const { body, size } = await granting('success errors { code message path }', times);
    expect(size).toBeLessThan(MAX);
    for (const [field, { errors }] of Object.entries(body.data) as [string, Json][]) {
      expect(errors.length).toBeGreaterThan(0);
      expect(body.extensions.refusals.map((line: Json) => line.field)).toContain(field);
    }
  });
});
