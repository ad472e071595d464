/** The table of rules, pinned: to change who may do what is to change this. */
import { expect, it } from 'vitest';
import { type Action, rules } from '../../src/policy/rules.ts';

it('is this table', () => {
  const table = (Object.keys(rules) as Action[]).map((action) => {
    const rule: { key?: readonly string[]; operator?: string; session?: true } = rules[action];
    return [
      action.padEnd(24),
      `key: ${rule.key ? rule.key.join(' ') || 'any' : '-'}`.padEnd(96),
      `operator: ${rule.operator ?? '-'}`.padEnd(22),
      `session: ${rule.session ? 'own' : '-'}`,
    ].join(' ');
  });
  expect(`\n${table.join('\n')}\n`).toMatchInlineSnapshot();
});
