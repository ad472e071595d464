/** The level and the user of a caller. */
import type { Level } from '../entities/user.ts';
import type { Permit } from '../permit.ts';

/** The level of a caller. An API key counts as level 1. */
export const levelOf = ({ caller }: Permit<string>): Level =>
  caller.kind === 'member' ? caller.level : 1;

/** The user who calls. Null for a key. */
export function callerUserId({ caller }: Permit<string>): number | null {
  if (caller.kind === 'enrolling') return caller.userId;
  return 'session' in caller ? caller.session.userId : null;
}
