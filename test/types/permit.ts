/**
 * What must not compile: reaching the domain without a Permit, with a forged one, or with another
 * action's.
 */
import type { RootFieldBuilder } from '@pothos/core';
import * as v from 'valibot';
import { updateMember } from '../../src/domain/members/update.ts';
import type { Call, Permit } from '../../src/domain/permit.ts';
import { addUser } from '../../src/domain/users/add.ts';
import { updateUser } from '../../src/domain/users/update.ts';
import type { Types } from '../../src/graphql/builder.ts';
import { guarded } from '../../src/graphql/guarded.ts';
import { namesUser } from '../../src/graphql/identifiers.ts';
import { mutation } from '../../src/graphql/mutation.ts';
import { input as mutationInput } from '../../src/graphql/payload.ts';
import { authorize, authorizeAlso } from '../../src/policy/authorize.ts';
import type { Action } from '../../src/policy/rules.ts';
import { type RouteInput, route } from '../../src/rest/route.ts';

declare const call: Call;
const input = { userIdentifier: { externalUser: { externalId: 'x' } } };
const caller = { kind: 'operator' } as const;

export const right = () => addUser(authorize(call, caller, 'user.add'), input);

// @ts-expect-error no Permit
export const without = () => addUser(input);

// @ts-expect-error a caller is no Permit
export const byCaller = () => addUser(caller, input);

// @ts-expect-error another action's Permit
export const another = () => addUser(authorize(call, caller, 'user.remove'), input);

// @ts-expect-error no such action
export const unknown = () => authorize(call, caller, 'user.ad');

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

/** A field whose verb takes another Permit than its action makes. */
const named = { type: 'Boolean', description: 'x' } as const;
const userInput = mutationInput('x', (t) => ({ userIdentifier: t.field(namesUser('x')) }));
const either = (): 'user.update' | 'user.restoreMember' => 'user.update';
const payload = () => ({});
const tells = { description: 'x', input: userInput, payload };
declare const t: RootFieldBuilder<Types, object, 'Query'>;
declare const of: (permit: Permit<'user.update'>) => Promise<object>;
declare const verb: <A extends string>(permit: Permit<A>) => boolean;

export const fitting = [
  () => guarded(t, { ...named, action: 'user.read', verb: verb<'user.read'> }),
  () => mutation('x', { ...tells, action: 'user.add', verb: addUser }),
  () => mutation('x', { ...tells, action: either, verb: updateUser }),
];

export const unfitting = [
  // @ts-expect-error another action is authorized
  () => guarded(t, { ...named, action: 'user.list', verb: verb<'user.read'> }),
  // @ts-expect-error another action is authorized
  () => mutation('x', { ...tells, action: 'user.remove', verb: addUser }),
  // @ts-expect-error it may be an action that the verb is not for
  () => mutation('x', { ...tells, action: either, verb: of }),
  // @ts-expect-error no such action
  () => mutation('x', { ...tells, action: 'user.ad', verb: addUser }),
  // @ts-expect-error no such field of the input
  () => mutation('x', { ...tells, action: 'user.add', tenant: 'intermediaryId', verb: addUser }),
];

/** A route whose answer takes another Permit, or has another shape, than it says. */
declare const path: Omit<Parameters<typeof route>[0], 'action' | 'data' | 'answer'>;
const data = v.object({ stations: v.array(v.string()) });
type Answer<A extends Action, Shown> = (permit: Permit<A>, asked: RouteInput) => Promise<Shown>;
type Stations = { stations: string[] };
declare const fits: Answer<'station.list', Stations>;
declare const ofAnother: Answer<'station.read', Stations>;
declare const tooNarrow: (permit: Permit<'station.list'> & { tenantId: 1 }) => Promise<Stations>;
declare const wrongShape: Answer<'station.list', { stations: number[] }>;

export const aRoute = () => route({ ...path, action: 'station.list', data, answer: fits });

// @ts-expect-error another action's Permit
export const byAnother = () => route({ ...path, action: 'station.list', data, answer: ofAnother });

// @ts-expect-error not every Permit of the action
export const byOne = () => route({ ...path, action: 'station.list', data, answer: tooNarrow });

// @ts-expect-error another shape
export const shaped = () => route({ ...path, action: 'station.list', data, answer: wrongShape });

declare const update: Permit<'member.update'>;

export const both = () => updateMember(update, authorizeAlso(update, 'member.empower'), 1, {});

// @ts-expect-error the Permit of what is changed is none to raise a level
export const onlyOne = () => updateMember(update, update, 1, {});
