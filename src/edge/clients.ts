/** Which service is calling `/introspect` or `/revoke`: an API key, as Bearer or as Basic with its tenant's id. */
import { Fault } from '../base/faults.ts';
import { readUtf8, unescapeUtf8 } from '../base/utf8.ts';
import type { Call, Caller } from '../domain/permit.ts';
import { authenticate, type Handover } from '../policy/authenticate.ts';

const BASIC = /^basic +([A-Za-z0-9+/=]+)$/i;

/** The parts of Basic are form-encoded before they are joined (RFC 6749, section 2.3.1). */
const decode = (part: string): string | null => unescapeUtf8(part.replaceAll('+', ' '));

function readBasic(header: string): { clientId: string; secret: string } | null {
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) return null;
  const [id = '', ...rest] = (readUtf8(Buffer.from(encoded, 'base64')) ?? '').split(':');
  const clientId = decode(id);
  const secret = decode(rest.join(':'));
  return clientId === null || secret === null ? null : { clientId, secret };
}

export const schemeOf = (header: string | undefined): 'Basic' | 'Bearer' =>
  header !== undefined && /^basic\b/i.test(header) ? 'Basic' : 'Bearer';

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
