/** How often may be tried what costs much, or could be guessed. */
import { Fault } from '../base/faults.ts';

/** Per location, approximate, and never in anybody else's way: Cloudflare's rate limiting binding. */
export interface Limits {
  /** By address. */
  address: RateLimit;
  /** By address with an e-mail address, or by what is known for sure. */
  account: RateLimit;
}

/** The network that one customer is given: an address of IPv6 is not one machine, but one of 2^64 of the same. */
function networkOf(request: Request): string {
  const address = request.headers.get('CF-Connecting-IP') ?? '';
  if (!address.includes(':')) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = [head, tail].map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - groups.flat().length)).fill('0');
  const [first = [], last = []] = groups;
  return [...first, ...(address.includes('::') ? zeros : []), ...last].slice(0, 4).join(':');
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
