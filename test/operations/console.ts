/**
 * What the console has beside the calls of the APIs, which it reaches below `/console/api`. Where
 * each is tested: it takes what no other operation takes, a cookie.
 */
import type { Action } from '../../src/policy/rules.ts';

const PASSKEYS = 'a member adds passkeys: test/front/passkeys.test.ts';
const FACTORS = 'what signs somebody in besides: test/front/second-factors.test.ts';

export const consoleOperations: Record<string, string> = {
  'GET /console': 'the page: test/front/console.test.ts',
  'POST /console/session': 'it signs in as POST /authenticate does: test/front/console.test.ts',
  'POST /console/session/challenge': 'what a passkey signs: test/front/passkeys.test.ts',
  'POST /console/session/proof/challenge': PASSKEYS,
  'POST /console/session/proof':
    'fresh proof, for each grave action of the rules: test/front/proof.test.ts',
  'DELETE /console/session': 'it signs out as DELETE /session does: test/front/console.test.ts',
  'GET /console/factors': FACTORS,
  'POST /console/factors/totp': FACTORS,
  'POST /console/factors/totp/confirm': FACTORS,
  'PUT /console/factors/totp': FACTORS,
  'DELETE /console/factors/totp': FACTORS,
  'POST /console/factors/recovery-codes': FACTORS,
  'POST /console/factors/passkeys/challenge': PASSKEYS,
  'POST /console/factors/passkeys': PASSKEYS,
  'PATCH /console/factors/passkeys/:id': PASSKEYS,
  'DELETE /console/factors/passkeys/:id': PASSKEYS,
};

/** The actions of those calls that no API has. */
export const consoleActions = [
  'member.readOwnFactors',
  'member.addFactor',
  'member.removeFactor',
  'member.renamePasskey',
  'member.removePasskey',
  'member.renewRecoveryCodes',
] as const satisfies Action[];
