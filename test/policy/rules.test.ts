/** A snapshot of the table of rules. A change of who may do what changes this file. */
import { expect, it } from 'vitest';
import type { Caller } from '../../src/domain/credentials.ts';
import { MEMBER_SCOPES, SCOPES } from '../../src/domain/entities/key.ts';
import { missingRights } from '../../src/policy/rights.ts';
import { type Action, type Rule, rules } from '../../src/policy/rules.ts';

it('is the one that rules.txt holds', async () => {
  const table = (Object.keys(rules) as Action[]).map((action) => {
    const rule: Rule = rules[action];
    return [
      action.padEnd(22),
      `operator: ${rule.operator ?? '-'}`.padEnd(20),
      `session: ${rule.session ? 'own' : '-'}`.padEnd(12),
      `support: ${rule.support ? 'own' : '-'}`.padEnd(12),
      `member: ${rule.member ? `1-${rule.member}` : '-'}`.padEnd(11),
      `guest: ${rule.guest ? 'yes' : '-'}`.padEnd(10),
      `enrolling: ${rule.enrolling ? 'yes' : '-'}`.padEnd(14),
      `grave: ${rule.grave ? 'yes' : '-'}`.padEnd(10),
      `key: ${rule.key ? rule.key.join(' ') || 'any' : '-'}`,
    ].join(' ');
  });
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('rules.txt');
});

/** What a member does for itself: everybody may. */
const isOwn = ({ key, session, member }: Rule) => session || (!key && member === 4);

it.each([
  ['little', [...MEMBER_SCOPES]],
  ['all but one thing', SCOPES.filter((scope) => scope !== 'webhooks:write')],
])('lets a member that comes of a key do no more than the key, which may do %s', (_, scopes) => {
  const session = { id: '', userId: 1, madeBy: null, renewAfter: 0, provedAt: null };
  const member = { kind: 'member', tenantId: 1, session, level: 1 } as const;
  const apiKey = { id: '', rootId: '', scopes, expiresAt: null, inGrace: false };
  const key: Caller = { kind: 'key', tenantId: 1, tenantName: '', key: apiKey };
  for (const action of Object.keys(rules) as Action[]) {
    const may = missingRights({ ...member, cap: scopes }, action) === null;
    const unbound = missingRights({ ...member, cap: undefined }, action) === null;
    const itsKey = isOwn(rules[action]) || missingRights(key, action) === null;
    expect([action, may]).toEqual([action, unbound && itsKey]);
  }
});
