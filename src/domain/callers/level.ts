/** What a caller counts as: a level, and a user. */
import type { Level } from '../entities/user.ts';
import type { Permit } from '../permit.ts';

/** What a caller stands for beside members: an API key for level 1. */
export const levelOf = ({ caller }: Permit<string>): Level =>
  caller.kind === 'member' ? caller.level : 1;

/** The members, and end users, whom a caller is: null for a key. */
export const callerUserId = ({ caller }: Permit<string>): number | null =>
  'session' in caller ? caller.session.userId : null;
