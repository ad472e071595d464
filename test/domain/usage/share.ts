/** The limits of a tenant, as the operator sets them and the tenant sees them. */
import { expect } from 'vitest';
import { LIMITS, type Limit } from '../../../src/domain/usage/usage.ts';
import { readState } from '../../faults/state.ts';
import { type Json, newWorld, operator, succeed, type Tenant } from '../../world.ts';

export const world = newWorld();

export const setLimits = (tenant: Tenant, limits: { [name in Limit]?: number | null }) =>
  succeed(world.call(operator, 'updateIntermediary', { id: tenant.id, limits }));

const all = LIMITS.join(' ');

/** `{ limits, usage }`, as the tenant's key sees it. */
export const shareOf = async ({ key }: Tenant): Promise<Json> =>
  (await world.ask(key, `{ caller { intermediary { limits { ${all} } usage { ${all} } } } }`))
    .intermediary;

/** The sentence that refuses, and what it is refused for. */
export const told = (limit: Limit, most: number) =>
  expect.stringContaining(`This would exceed the limit "${limit}": the most is ${most}.`);

/** All rows; when a key was last used is kept for people. */
export const rowsOf = async (): Promise<string> =>
  JSON.stringify((await readState()).rows, (name, value) =>
    name === 'last_used_at' ? undefined : value,
  );
