/** How often may be tried what costs much, or could be guessed. */
import { Fault } from '../base/faults.ts';

/** Per location, approximate, and never in anybody else's way: Cloudflare's rate limiting binding. */
export interface Limits {
  /** By address. */
  address: RateLimit;
  /** By address with an e-mail address, or by what is known for sure. */
  account: RateLimit;
}

/** The first half of an address of IPv6, which is what a customer is given: each has 2^64 of them. */
function networkOf(request: Request): string {
  const address = request.headers.get('CF-Connecting-IP') ?? '';
  if (!address.includes(':')) return address;
  const [head = [], tail = []] = address.split('::').map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

async function ask(limit: RateLimit, key: string): Promise<void> {
  const outcome = await limit.limit({ key }).catch((error: unknown) => {
    // Nobody is locked out because a limit cannot be asked.
    console.warn({ error });
    return undefined;
  });
  if (outcome?.success === false) {
    throw new Fault('LIMITED', 'Too many tries. Wait a minute, then try again.');
  }
}

export const limitsFor = ({ address, account }: Limits, request: Request) => ({
  limitAddress: (more?: string) =>
    more === undefined
      ? ask(address, networkOf(request))
      : ask(account, `${networkOf(request)} ${more}`),
  limitKnown: (key: string) => ask(account, key),
});
