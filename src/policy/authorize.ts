/** The only place that makes Permits. */
import type { SQL } from 'drizzle-orm';
import * as v from 'valibot';
import { Fault, refuse, unauthenticated } from '../base/faults.ts';
import { changeId } from '../base/ids.ts';
import { idText, parse } from '../base/text.ts';
import type { Actor, Caller } from '../domain/credentials.ts';
import { NO_TENANT } from '../domain/entities/tenant.ts';
import type { Call, PathParents, Permit } from '../domain/permit.ts';
import { databaseFor } from './database.ts';
import { needsProof } from './fresh-proof.ts';
import { missingRights } from './rights.ts';
import { type Action, type Rule, rules } from './rules.ts';

const STALE = new Fault(
  'PROOF',
  'More than 15 minutes ago you proved who you are. Do it again at POST /console/session/proof, ' +
    'then repeat this call.',
);

/**
 * Throws UNAUTHENTICATED or FORBIDDEN unless the caller may do `action`, and PROOF if it needs a
 * fresh one.
 */
export function assertAuthorized({ now }: Pick<Call, 'now'>, caller: Caller, action: Action): void {
  const missing = missingRights(caller, action);
  if (missing === null) {
    if (needsProof(caller, action, now)) throw STALE;
    return;
  }
  if (missing === 'credential') throw unauthenticated(false);
  throw new Fault('FORBIDDEN', sentenceOf(caller, missing, rules[action]));
}

type Missing = Exclude<ReturnType<typeof missingRights>, 'credential' | null>;

function sentenceOf({ kind }: Caller, missing: Missing, rule: Rule): string {
  switch (missing) {
    case 'kind':
      return `A credential of this kind cannot do this. It needs ${kindsOf(rule).join(', or ')}.`;
    case 'level':
      return (
        `Your member level is not sufficient for this. It needs level ${rule.member}, ` +
        'or one above.'
      );
    case 'support':
      return 'A support session cannot do this. It only reads, and ends itself.';
    default:
      if (kind === 'member') {
        return (
          'Your account, password or session comes from an API key, and does no more than that ' +
          `key. It lacks: ${missing.scopes.join(', ')}.`
        );
      }
      return `This API key lacks the scopes that this needs: ${missing.scopes.join(', ')}.`;
  }
}

const kindsOf = ({ key, operator, session, member }: Rule): string[] => [
  ...(key ? ['an API key'] : []),
  ...(operator ? ['the operator key'] : []),
  ...(session ? ['the access token of a session'] : []),
  ...(member ? ['the access token of a member'] : []),
];

/** The tenant that an operator's call names, and the input field that names it. */
export interface NamedTenant {
  field: string;
  id: string | null | undefined;
}

/**
 * A Permit for `action`. Throws UNAUTHENTICATED, FORBIDDEN or PROOF. Only the operator may name a
 * tenant, and must do so if the rule says so.
 */
export function authorize<A extends Action>(
  call: Call,
  caller: Caller,
  action: A,
  named?: NamedTenant,
  parents: PathParents = {},
): Permit<A> {
  assertAuthorized(call, caller, action);
  return permitOf(call, caller, action, tenantOf(caller, rules[action], named), parents);
}

/**
 * A second Permit, for what depends on the rows that the verb finds. It is for the same caller and
 * tenant, and for `action`. Undefined if the policy does not allow it.
 */
export const authorizeAlso = <A extends Action>(
  { call, caller, tenantId, parents }: Permit<Action>,
  action: A,
): Permit<A> | undefined =>
  missingRights(caller, action) === null
    ? permitOf(call, caller, action, tenantId, parents)
    : undefined;

function permitOf<A extends Action>(
  call: Call,
  caller: Caller,
  action: A,
  tenantId: number,
  parents: PathParents,
): Permit<A> {
  const rule: Rule = rules[action];
  const use = { call, caller, rule, tenantId };
  let change: string | undefined;
  return {
    action,
    caller,
    parents,
    call,
    // Created on first use: a token check may need none.
    get db() {
      return databaseFor(use);
    },
    endingIf: (condition: SQL) => databaseFor(use, condition),
    now: call.now,
    requestId: call.requestId,
    get change() {
      change ??= changeId(call.now);
      return change;
    },
    tenantId,
    actor: actorOf(caller),
  } as Permit<A>;
}

function tenantOf(caller: Caller, rule: Rule, named?: NamedTenant): number {
  if (rule.guest || caller.kind === 'guest') return NO_TENANT;
  if (caller.kind !== 'operator') {
    if (named?.id == null) return caller.tenantId;
    throw refuse(
      'FORBIDDEN',
      [named.field],
      'Only the operator names an intermediary. Yours follows from your credential. Leave ' +
        'this out.',
    );
  }
  if (rule.operator === 'untenanted') return NO_TENANT;
  if (named?.id == null) {
    if (rule.operator === 'either') return NO_TENANT;
    throw refuse('INVALID', [named?.field ?? 'intermediaryId'], 'Name the intermediary.');
  }
  return (
    parse(v.object({ [named.field]: idText }), { [named.field]: named.id })[named.field] ??
    NO_TENANT
  );
}

function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'guest':
      return { kind: 'MEMBER', id: null, userId: null };
    case 'operator':
      return { kind: 'OPERATOR', id: null, userId: null };
    case 'key':
      return { kind: 'API_KEY', id: caller.key.id, userId: null };
    case 'member':
      return { kind: 'MEMBER', id: caller.session.id, userId: caller.session.userId };
    case 'enrolling':
      return { kind: 'MEMBER', id: null, userId: caller.userId };
    case 'endUser': {
      const { support, session } = caller;
      if (support) return { kind: 'SUPPORT', id: session.id, userId: support.actorUserId };
      return { kind: 'END_USER', id: session.id, userId: session.userId };
    }
  }
}
