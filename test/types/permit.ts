/** What must not compile: reaching the domain without a Permit, with a forged one, or with another action's. */
import type { Call, Permit } from '../../src/domain/permit.ts';
import { addUser } from '../../src/domain/users/add.ts';
import { allow } from '../../src/policy/allow.ts';

declare const call: Call;
const input = { userIdentifier: { externalUser: { externalId: 'x' } } };
const caller = { kind: 'operator' } as const;

export const right = () => addUser(allow(call, caller, 'user.add'), input);

// @ts-expect-error no Permit
export const without = () => addUser(input);

// @ts-expect-error a caller is no Permit
export const byCaller = () => addUser(caller, input);

// @ts-expect-error another action's Permit
export const another = () => addUser(allow(call, caller, 'user.remove'), input);

// @ts-expect-error no such action
export const unknown = () => allow(call, caller, 'user.ad');

const everythingButProof = {
  action: 'user.add',
  caller,
  call,
  db: call.db,
  tenantId: 1,
  actor: { kind: 'OPERATOR', id: null },
  change: 'x',
  now: 0,
  requestId: 'x',
} as const;

// @ts-expect-error only policy/ has what makes a Permit one
export const forged: Permit<'user.add'> = everythingButProof;
