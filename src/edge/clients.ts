/** Which service is calling `/introspect` or `/revoke`: an API key, as Bearer or as Basic with its tenant's id. */
import { Fault } from '../base/faults.ts';
import type { Call, Caller } from '../domain/permit.ts';
import { authenticate, type Handover } from '../policy/authenticate.ts';
import { schemeOf } from './answers.ts';

const BASIC = /^basic +([A-Za-z0-9+/=]+)$/i;

/** The parts of Basic are form-encoded before they are joined (RFC 6749, section 2.3.1). */
const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));

function readBasic(header: string): { clientId: string; secret: string } | null {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return null;
  const [clientId = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  try {
    return { clientId: decode(clientId), secret: decode(rest.join(':')) };
  } catch {
    return null;
  }
}

/** A guest is nobody, or one whose credential does not work: both are answered alike. */
export async function authenticateClient(
  call: Call,
  header: string | undefined,
  { operatorKeys }: Handover,
): Promise<Caller> {
  const nobody: Caller = { kind: 'guest' };
  if (header === undefined) return nobody;
  try {
    if (schemeOf(header) === 'Bearer') return await authenticate(call, header, operatorKeys);
    const basic = readBasic(header);
    if (!basic) return nobody;
    const caller = await authenticate(call, `Bearer ${basic.secret}`, operatorKeys);
    return caller.kind === 'key' && String(caller.tenantId) === basic.clientId ? caller : nobody;
  } catch (fault) {
    if (fault instanceof Fault && fault.code === 'UNAUTHENTICATED') return nobody;
    throw fault;
  }
}
