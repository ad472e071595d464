/**
 * Ten sign-ins at once, all the time: how long checks of tokens wait meanwhile, beside the time of
 * one hash.
 */
import { randomInt } from 'node:crypto';
import type { Client } from './client.ts';
import { Tally } from './drive.ts';
import { pick } from './ledger.ts';
import type { Stage } from './mix.ts';
import { isSignedIn } from './users.ts';

const SIGN_INS = 10;
const CHECKS = 4;
/** In milliseconds. */
const LASTING = 15_000;
/** As many alone, to know what one takes. */
const ALONE = 9;

/**
 * Of somebody unknown, from an address of their own: the same work as any, and no limit but that of
 * the crowd.
 */
async function signIn(client: Client, count: Map<number, number>): Promise<void> {
  const body = { email: `nobody-${randomInt(2 ** 40)}@example.com`, password: 'not the password' };
  const from = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
  const { status } = await client.send('POST', '/authenticate', '', body, {
    'CF-Connecting-IP': from,
  });
  if (status !== 400 && status !== 429) throw new Error(`/authenticate answered ${status}`);
  count.set(status, (count.get(status) ?? 0) + 1);
}

/** Does it over and over, some at once, until the time has come; each time is noted. */
async function repeat(atOnce: number, until: number, tally: Tally, act: () => Promise<void>) {
  const work = async () => {
    while (performance.now() < until) {
      const start = performance.now();
      await act();
      tally.latencies.record(Math.max(1, Math.round((performance.now() - start) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

export interface Crowd {
  isGood: boolean;
  what: string;
}

export async function crowd({ client, users }: Stage): Promise<Crowd> {
  const signedIn = users.all.filter(isSignedIn);
  const check = () => {
    const { tenant, live } = pick(signedIn);
    return client.verify(`/${tenant.id}`, pick(live).token, [204]);
  };
  const count = new Map<number, number>();
  const [alone, beside] = [new Tally(), new Tally()];
  for (let n = 0; n < ALONE; n++) {
    await repeat(1, performance.now() + 1, alone, () => signIn(client, count));
  }
  count.clear();
  const until = performance.now() + LASTING;
  await Promise.all([
    repeat(SIGN_INS, until, new Tally(), () => signIn(client, count)),
    repeat(CHECKS, until, beside, check),
  ]);
  const ms = (tally: Tally, share: number) => tally.percentile(share).toFixed(1);
  const [one, most] = [alone.percentile(50), beside.percentile(100)];
  return {
    isGood: most <= 2 * one,
    what:
      `ten sign-ins at once: /verify p50 ${ms(beside, 50)} ms, p99 ${ms(beside, 99)} ms, max ` +
      `${ms(beside, 100)} ms of ${beside.latencies.count} checks; one hash takes ` +
      `${ms(alone, 50)} ms (at most twice that); ${count.get(400) ?? 0} were answered, ` +
      `${count.get(429) ?? 0} told to come again`,
  };
}
