/**
 * What the console's cookie holds while somebody enrols a second factor: a signed value that no
 * store knows. It ends after ten minutes, and with the password or the level that it began with.
 */
import { MINUTE } from '../base/time.ts';
import { readEnrolment } from '../domain/callers/enrolment.ts';
import type { Caller, Enrolment } from '../domain/credentials.ts';
import type { Call } from '../domain/permit.ts';

/** In milliseconds. */
export const ENROLMENT_MS = 10 * MINUTE;

const USE = 'enrolment';
/** When it ends, in epoch milliseconds; whose it is; what it depends on; the MAC. */
const SHAPE = /^lk_enr_(\d{13})_(\d{1,16})_([0-9a-f]{64})_([0-9a-f]{64})$/;
const MAC = 64;

/** Whether a token looks like one. */
export const isEnrolment = (token: string): boolean => token.startsWith('lk_enr_');

const STATE_USE = `${USE} state`;

/** What an enrolment depends on. It is signed, so that the cookie does not tell it. */
const stateOf = ({ passwordHash, level }: Enrolment): string => `${level} ${passwordHash}`;

/** What the cookie of somebody holds whose password was right. */
export function issueEnrolment({ signer, now }: Call, enrolment: Enrolment): string {
  const state = signer.macOf(STATE_USE, stateOf(enrolment));
  const body = `lk_enr_${now + ENROLMENT_MS}_${enrolment.userId}_${state}_`;
  return body + signer.macOf(USE, body);
}

/** Who enrols. A forged token costs no I/O. Null: it has ended, or nothing is to be enrolled. */
export async function verifyEnrolment(call: Call, token: string): Promise<Caller | null> {
  const [, endsAt, userId, state = '', mac = ''] = SHAPE.exec(token) ?? [];
  if (userId === undefined || Number(endsAt) <= call.now) return null;
  if (!call.signer.isMac(mac, USE, token.slice(0, -MAC))) return null;
  const enrolment = await readEnrolment(call, Number(userId));
  const isSame = enrolment && call.signer.isMac(state, STATE_USE, stateOf(enrolment));
  return isSame ? { kind: 'enrolling', ...enrolment } : null;
}
