/** What an isolate remembers between requests, and how much of it. */
import { Memory } from '../base/memory.ts';
import { Questions } from '../base/questions.ts';
import { Turns } from '../base/turns.ts';
import { Watch } from '../base/watch.ts';
import { DatabaseSize } from '../db/size.ts';
import type { Isolate } from '../domain/isolate.ts';
import { newNumberingPlans } from '../domain/members/phone.ts';
import { newCommonPasswords } from '../domain/passwords/password.ts';
import { weigh } from '../domain/sessions/memory.ts';
import { faultOf, weighAnswer } from '../domain/sessions/truth.ts';

/** Entries of each kind. */
const REMEMBERED = 10_000;
/** Sessions and keys of which the tenant is known: some 100 bytes each. */
const REMEMBERED_TENANTS = 50_000;
/**
 * In bytes, of the 128 MB that an isolate has: some 20,000 sessions of users with a few devices.
 */
const REMEMBERED_SESSIONS = 32_000_000;
/** In bytes: what was asked of D1 in the last second, for all who wait for it. */
const REMEMBERED_QUESTIONS = 4_000_000;
const HOLDER_BYTES = 500;

export const newIsolate = (): Isolate => ({
  sessions: new Memory(REMEMBERED_SESSIONS, weigh),
  watch: new Watch(),
  asked: new Memory(REMEMBERED),
  questions: new Questions(REMEMBERED_QUESTIONS, weighAnswer, faultOf),
  keyQuestions: new Questions(REMEMBERED_QUESTIONS, () => HOLDER_BYTES, faultOf),
  endings: new Questions(REMEMBERED_QUESTIONS, () => 0, faultOf),
  renewals: new Memory(REMEMBERED),
  revoked: new Memory(REMEMBERED),
  tenants: new Memory(REMEMBERED_TENANTS),
  limited: new Memory(REMEMBERED),
  lanes: new Memory(REMEMBERED),
  apiKeys: new Memory(REMEMBERED),
  size: new DatabaseSize(),
  hashing: new Turns(),
  numberingPlans: newNumberingPlans(),
  commonPasswords: newCommonPasswords(),
});
