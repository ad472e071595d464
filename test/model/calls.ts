/** All calls, made on the model. */
import { type Answer, type Model, Refused } from './model.ts';
import { type Staff, staffCalls } from './staff-calls.ts';
import { tenantCalls } from './tenant-calls.ts';

export const calls = { ...tenantCalls, ...staffCalls };

export type CallName = keyof typeof calls;
export type Args<Name extends CallName> = NonNullable<Parameters<(typeof calls)[Name]>[1]>;
export type Call = { [Name in CallName]: { name: Name; args: Args<Name> } }[CallName];

/** Calls that name a tenant without its key. */
const KEYLESS: ReadonlySet<CallName> = new Set([
  ...([
    'addIntermediary',
    'updateIntermediary',
    'removeIntermediary',
    'addDevices',
    'removeDevices',
  ] as const),
  ...(['updateOrder', 'verify'] as const),
]);

/** Calls that may name the key that makes them. */
const NAMING: ReadonlySet<CallName> = new Set(['addUserSession', 'addApiKey'] as const);

/** Makes the call on the model. */
export function apply(m: Model, { name, args }: Call): Answer {
  const { tenant = -1, by, byOperator } = args as Partial<Staff> & { byOperator?: boolean };
  const isByNamed = NAMING.has(name) && (args as { key?: string }).key !== undefined;
  const isByKey = !KEYLESS.has(name) && !by && !byOperator && !isByNamed;
  if (isByKey && m.tenants[tenant]?.gone) return { refused: ['token'] };
  try {
    return (calls[name] as (m: Model, args: object) => Answer)(m, args);
  } catch (refusal) {
    if (refusal instanceof Refused) return { refused: refusal.why };
    throw refusal;
  }
}
