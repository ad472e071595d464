/** The rate limits. They stop abuse, and never slow down others. */
import { Fault } from '../base/faults.ts';

/**
 * Cloudflare's rate limiting bindings: per location, approximate, their numbers in `wrangler.toml`.
 */
export interface Limits {
  /** Calls with one API key or session, and everything that one tenant asks for, in units. */
  calls: RateLimit;
  callsByTenant: RateLimit;
  /** How many units per second one tenant can sustain in one isolate. */
  unitsPerSecond: number;
  /** Refused credentials from one network. */
  refusals: RateLimit;
  /** Password attempts from one network, and from one network for one account. */
  triesByAddress: RateLimit;
  triesByAccount: RateLimit;
}

/**
 * The network of a request, from Cloudflare's header; empty elsewhere. For IPv6 it is the /48,
 * which anyone can get. A /64, the smallest that a customer gets, lies within one.
 */
export function networkOf(headers: Headers): string {
  const address = headers.get('CF-Connecting-IP') ?? '';
  if (!address.includes(':')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const network = [...head, ...zeros, ...tail].slice(0, 3);
  return network.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

// Created once. A new error for each call of a flood would cost more than the rest of the refusal.
const TOO_MANY = new Fault('LIMITED', 'Too many calls. Wait a minute, then try again.');
const TOO_FAST = new Fault('LIMITED', 'Too many calls at once. Wait two seconds, then try again.', {
  retryAfter: 2,
});

/** The limit per minute is exceeded. */
export const tooMany = (): Fault => TOO_MANY;
/** The limit per second is exceeded. */
export const tooFast = (): Fault => TOO_FAST;

/** Whether `key` is within its limit. A limit that cannot be read lets everybody through. */
export async function isWithin(limit: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limit.limit({ key })).success;
  } catch (error) {
    console.warn({ error });
    return true;
  }
}

/** Throws LIMITED if `key` is over its limit. */
export async function stayWithin(limit: RateLimit, key: string): Promise<void> {
  if (!(await isWithin(limit, key))) throw tooMany();
}
