/** A snapshot of the table of rules. A change of who may do what changes this file. */
import { expect, it } from 'vitest';
import { type Action, type Rule, rules } from '../../src/policy/rules.ts';

it('is the one that rules.txt holds', async () => {
  const table = (Object.keys(rules) as Action[]).map((action) => {
    const rule: Rule = rules[action];
    return [
      action.padEnd(22),
      `operator: ${rule.operator ?? '-'}`.padEnd(20),
      `session: ${rule.session ? 'own' : '-'}`.padEnd(12),
      `member: ${rule.member ? `1-${rule.member}` : '-'}`.padEnd(11),
      `guest: ${rule.guest ? 'yes' : '-'}`.padEnd(10),
      `enrolling: ${rule.enrolling ? 'yes' : '-'}`.padEnd(14),
      `grave: ${rule.grave ? 'yes' : '-'}`.padEnd(10),
      `key: ${rule.key ? rule.key.join(' ') || 'any' : '-'}`,
    ].join(' ');
  });
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot('rules.txt');
});
