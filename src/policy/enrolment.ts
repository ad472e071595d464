/**
 * What the console's cookie holds while somebody enrols a second factor: a signed value that no
 * store knows. It ends after ten minutes, and with the password or the level that it began with.
 */
import { sameHash } from '../base/secrets.ts';
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

const states = ({ signer }: Call, { passwordHash, level }: Enrolment): string[] =>
  signer.macsOf(`${USE} state`, `${level} ${passwordHash}`);

/** What the cookie of somebody holds whose password was right. */
export function issueEnrolment(call: Call, enrolment: Enrolment): string {
  const [state] = states(call, enrolment);
  const body = `lk_enr_${call.now + ENROLMENT_MS}_${enrolment.userId}_${state}_`;
  return body + call.signer.macsOf(USE, body)[0];
}

/** Who enrols. A forged token costs no I/O. Null: it has ended, or nothing is to be enrolled. */
export async function verifyEnrolment(call: Call, token: string): Promise<Caller | null> {
  const [, endsAt, userId, state = '', mac = ''] = SHAPE.exec(token) ?? [];
  if (userId === undefined || Number(endsAt) <= call.now) return null;
  const body = token.slice(0, -MAC);
  if (!call.signer.macsOf(USE, body).some((known) => sameHash(known, mac))) return null;
  const enrolment = await readEnrolment(call, Number(userId));
  const isSame = enrolment && states(call, enrolment).some((known) => sameHash(known, state));
  return isSame ? { kind: 'enrolling', ...enrolment } : null;
}
