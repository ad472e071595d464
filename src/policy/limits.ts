/** How often may be asked: against abuse, and never in anybody else's way. */
import { Fault } from '../base/faults.ts';

/**
 * Cloudflare's rate limiting bindings: per location, approximate, their numbers in `wrangler.toml`.
 */
export interface Limits {
  /** Calls with one API key or session, and all that one tenant asks for, in units. */
  calls: RateLimit;
  callsByTenant: RateLimit;
  /** How many units a second one tenant may go on with in one isolate. */
  unitsPerSecond: number;
  /** Refused credentials from one network. */
  refusals: RateLimit;
  /** Tries at a password from one network, and from one network for one account. */
  triesByAddress: RateLimit;
  triesByAccount: RateLimit;
}

/**
 * The network that a request came from, as Cloudflare says; empty elsewhere. Of an address of IPv6
 * it is the /48, which anybody can be given. All that comes from a /64, the least that a customer
 * is given, counts with it.
 */
export function networkOf(headers: Headers): string {
  const address = headers.get('CF-Connecting-IP') ?? '';
  if (!address.includes(':')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const network = [...head, ...zeros, ...tail].slice(0, 3);
  return network.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

// Made once: another fault for each call of a flood would cost more than all else about it.
const TOO_MANY = new Fault('LIMITED', 'Too many calls. Wait a minute, then try again.');
const TOO_FAST = new Fault('LIMITED', 'Too many calls at once. Wait two seconds, then try again.', {
  retryAfter: 2,
});

/** More than may come in a minute. */
export const tooMany = (): Fault => TOO_MANY;
/** More than may come in a second. */
export const tooFast = (): Fault => TOO_FAST;

/** Whether there was not too much of `key`. A limit that cannot be asked locks nobody out. */
export async function isWithin(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success;
  } catch (error) {
    console.warn({ error });
    return true;
  }
}

/** Throws LIMITED when there was too much of `key`. */
export async function stayWithin(limit: RateLimit, key: string): Promise<void> {
  if (!(await isWithin(limit, key))) throw tooMany();
}
