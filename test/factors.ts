/** What a person does who has second factors: reads codes of an app, and enrols in the console. */
import { codeAt, stepAt } from '../src/base/totp.ts';
import { bytesIn } from './base32.ts';
import { type ConsoleAnswer, fromPage, OURS } from './console.ts';
import { shown } from './secrets.ts';
import { fresh, type World } from './world.ts';

/** What an app shows, so many steps from now. */
export const codeOf = (secret: string, steps = 0): string =>
  codeAt(bytesIn(secret), stepAt(Date.now()) + steps);

/** A page's call from an address of its own, or a limit would be in the way. */
export const call = (
  world: World,
  cookie: string | null,
  name: string,
  body?: object,
): Promise<ConsoleAnswer> =>
  fromPage(world, cookie, name, body, { ...OURS, 'CF-Connecting-IP': fresh('address') });

/**
 * Adds an app by the cookie. The code of the step before is used for it, so that this step's is
 * still to be used.
 */
export async function enrol(world: World, cookie: string) {
  const begun = await call(world, cookie, 'POST /console/factors/totp', {});
  const { secret, uri } = begun.data;
  const code = codeOf(secret, -1);
  const confirmed = await call(world, cookie, 'POST /console/factors/totp/confirm', { code });
  if (confirmed.status !== 200) throw new Error(JSON.stringify(confirmed.body));
  const codes: string[] = confirmed.data.recovery_codes;
  for (const one of [secret, ...(codes ?? [])]) shown.add(one).add(one.replaceAll('-', ''));
  return { secret: secret as string, uri: uri as string, codes, confirmed };
}
