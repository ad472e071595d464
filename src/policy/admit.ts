/** Who is asking, unless it asks too often. For what people and programs call; the routes of proxies have no limits. */
import { Fault } from '../base/faults.ts';
import type { Call, Caller } from '../domain/permit.ts';
import { authenticate, type Handover } from './authenticate.ts';
import { type Limits, networkOf, stayWithin } from './limits.ts';

export interface LimitedHandover extends Handover {
  limits: Limits;
}

/**
 * The caller of a request. A credential is counted once it is known to be good; one that is refused counts against the
 * address that it came from, which has nothing else counted against it.
 */
export async function admit(
  call: Call,
  headers: Headers,
  { operatorKeys, limits }: LimitedHandover,
): Promise<Caller> {
  try {
    const caller = await authenticate(call, headers.get('Authorization'), operatorKeys);
    if (caller.kind === 'key') await stayWithin(limits.calls, caller.key.id);
    else if ('session' in caller) await stayWithin(limits.calls, caller.session.id);
    return caller;
  } catch (fault) {
    const network = networkOf(headers);
    if (fault instanceof Fault && fault.code === 'UNAUTHENTICATED' && network !== '') {
      await stayWithin(limits.refusals, network);
    }
    throw fault;
  }
}
