/**
 * The operator's session in the console: a signed value that no store knows. It ends after 12
 * hours, and with the operator key that it was opened with.
 */
import { randomText } from '../base/ids.ts';
import { HOUR } from '../base/time.ts';
import type { Call } from '../domain/permit.ts';

/** In milliseconds. */
export const OPERATOR_SESSION_MS = 12 * HOUR;

const USE = 'operator session';
/** When it ends, in epoch milliseconds; a random text, so that no two are the same; the MAC. */
const SHAPE = /^lk_ops_(\d{13})_[0-9A-Za-z]{16}_([0-9a-f]{64})$/;
const MAC = 64;

/** Whether a token looks like one. */
export const isOperatorSession = (token: string): boolean => token.startsWith('lk_ops_');

/**
 * A new session of the operator, who has presented this key. The key is signed too. So the session
 * holds while the deployment has that key.
 */
export function issueOperatorSession(call: Call, operatorKey: string): string {
  const body = `lk_ops_${call.now + OPERATOR_SESSION_MS}_${randomText(16)}_`;
  return body + call.signer.macOf(USE, body + operatorKey);
}

/**
 * When it was opened. Null unless it was issued here, has not ended, and its operator key is still
 * one.
 */
export function readOperatorSession(
  call: Call,
  token: string,
  operatorKeys: readonly string[],
): number | null {
  const [, endsAt, mac = ''] = SHAPE.exec(token) ?? [];
  if (endsAt === undefined || Number(endsAt) <= call.now) return null;
  const body = token.slice(0, -MAC);
  const isOurs = operatorKeys.some((key) => call.signer.isMac(mac, USE, body + key));
  return isOurs ? Number(endsAt) - OPERATOR_SESSION_MS : null;
}
