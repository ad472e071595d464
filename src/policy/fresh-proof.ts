/** Fresh proof: who uses a session of the console shows it again before something grave. */
import { MINUTE } from '../base/time.ts';
import type { Caller } from '../domain/credentials.ts';
import { type Action, type Rule, rules } from './rules.ts';

/** How long a proof is fresh, in milliseconds. */
const FRESH_MS = 15 * MINUTE;

/** Whether the caller must prove who it is before `action`. Of sessions of the console alone. */
export function needsProof(caller: Caller, action: Action, now: number): boolean {
  const { grave }: Rule = rules[action];
  const provedAt = provedAtOf(caller);
  return grave === true && provedAt !== null && now - provedAt > FRESH_MS;
}

function provedAtOf(caller: Caller): number | null {
  if (caller.kind === 'operator') return caller.provedAt ?? null;
  return 'session' in caller ? caller.session.provedAt : null;
}
