/** The memory of an isolate between requests, and its limits. */
import { SharedTimer } from '../base/shared-timer.ts';
import { SingleFlight } from '../base/single-flight.ts';
import { TtlCache } from '../base/ttl-cache.ts';
import { WaitQueue } from '../base/wait-queue.ts';
import { unanswered } from '../db/connect.ts';
import { DatabaseSize } from '../db/size.ts';
import type { Isolate } from '../domain/isolate.ts';
import { newNumberingPlans } from '../domain/members/phone.ts';
import { newCommonPasswords } from '../domain/passwords/password.ts';
import { weigh } from '../domain/sessions/cache.ts';
import { weighAnswer } from '../domain/sessions/source-of-truth.ts';
import { newConsolePage } from './console-page.ts';

/** Entries per cache. */
const REMEMBERED = 10_000;
/** Sessions and keys with their tenants: some 100 bytes each. */
const REMEMBERED_TENANTS = 50_000;
/** In bytes, of the isolate's 128 MB: some 20,000 sessions of users with a few devices. */
const REMEMBERED_SESSIONS = 32_000_000;
/** In bytes: answers of D1 of the last second, for those who wait for them. */
const REMEMBERED_QUESTIONS = 4_000_000;
const HOLDER_BYTES = 500;

export const newIsolate = (): Isolate => ({
  sessions: new TtlCache(REMEMBERED_SESSIONS, weigh),
  kvTimer: new SharedTimer(),
  recentlyAsked: new TtlCache(REMEMBERED),
  sessionReads: new SingleFlight(REMEMBERED_QUESTIONS, weighAnswer, unanswered),
  keyReads: new SingleFlight(REMEMBERED_QUESTIONS, () => HOLDER_BYTES, unanswered),
  endings: new SingleFlight(REMEMBERED_QUESTIONS, () => 0, unanswered),
  renewals: new TtlCache(REMEMBERED),
  revoked: new TtlCache(REMEMBERED),
  tenants: new TtlCache(REMEMBERED_TENANTS),
  limited: new TtlCache(REMEMBERED),
  throttles: new TtlCache(REMEMBERED),
  apiKeys: new TtlCache(REMEMBERED),
  nudged: new TtlCache(REMEMBERED),
  size: new DatabaseSize(),
  hashing: new WaitQueue(),
  consolePage: newConsolePage(),
  numberingPlans: newNumberingPlans(),
  commonPasswords: newCommonPasswords(),
});
