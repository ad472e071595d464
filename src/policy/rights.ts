/** The rights of a caller: what the rules let it do. */
import type { Caller } from '../domain/credentials.ts';
import { SCOPES, type Scope } from '../domain/entities/key.ts';
import { type Action, type Rule, rules } from './rules.ts';

/** The scopes that a caller lacks, of those that an action needs. Null if none. */
function missingScopes(has: readonly Scope[], needs: readonly Scope[]) {
  const scopes = needs.filter((scope) => !has.includes(scope));
  return scopes.length === 0 ? null : { scopes };
}

/** What a member that comes of an API key needs. It never has all scopes. */
const neededOf = ({ key, member }: Rule): readonly Scope[] => key ?? (member === 4 ? [] : SCOPES);

/**
 * The rights that a caller lacks for an action. Null if none. It depends only on the caller, and
 * runs before anything else.
 */
export function missingRights(
  caller: Caller,
  action: Action,
): 'credential' | 'kind' | 'level' | 'support' | { scopes: Scope[] } | null {
  const rule: Rule = rules[action];
  if (rule.guest) return null;
  switch (caller.kind) {
    case 'guest':
      return 'credential';
    case 'operator':
      return rule.operator ? null : 'kind';
    case 'key':
      return rule.key ? missingScopes(caller.key.scopes, rule.key) : 'kind';
    case 'member':
      if (rule.session) return null;
      if (rule.member === undefined) return 'kind';
      if (caller.level > rule.member) return 'level';
      return caller.cap ? missingScopes(caller.cap, neededOf(rule)) : null;
    case 'enrolling':
      // Who is not signed in yet is nobody elsewhere: the console's pages then show its door.
      return rule.enrolling ? null : 'credential';
    case 'endUser':
      if (!rule.session) return 'kind';
      return caller.support && !rule.support ? 'support' : null;
  }
}
