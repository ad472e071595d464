/**
 * What the console has beside the calls of the APIs, which it reaches below `/console/api`. Where
 * each is tested: it takes what no other operation takes, a cookie.
 */
import type { Action } from '../../src/policy/rules.ts';

const FACTORS = 'what signs somebody in besides: test/front/second-factors.test.ts';

export const consoleOperations: Record<string, string> = {
  'GET /console': 'the page: test/front/console.test.ts',
  'POST /console/session': 'it signs in as POST /authenticate does: test/front/console.test.ts',
  'DELETE /console/session': 'it signs out as DELETE /session does: test/front/console.test.ts',
  'GET /console/factors': FACTORS,
  'POST /console/factors/totp': FACTORS,
  'POST /console/factors/totp/confirm': FACTORS,
  'DELETE /console/factors/totp': FACTORS,
  'POST /console/factors/recovery-codes': FACTORS,
};

/** The actions of those calls that no API has. */
export const consoleActions = [
  'member.readOwnFactors',
  'member.addFactor',
  'member.removeFactor',
  'member.renewRecoveryCodes',
] as const satisfies Action[];
