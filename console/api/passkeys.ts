/** Passkeys: what the browser does, in the JSON that the service speaks. */
import type { Enrolled, Passkey } from './factors.ts';
import { Failure } from './failure.ts';
import { send } from './request.ts';
import { ofConsole, refusalOf } from './rest.ts';

/** Whether this browser has passkeys. None has without a secure origin. */
export const hasPasskeys = (): boolean =>
  'PublicKeyCredential' in window && navigator.credentials !== undefined;

const bytesIn = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

const textOf = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer())))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Why the browser gave none, by the name of its error (WebAuthn, sections 5.1.3 and 5.1.4). */
const SENTENCES: Record<string, string> = {
  NotAllowedError: 'No passkey was given: it was cancelled, or took too long. Try again.',
  AbortError: 'No passkey was given: it was cancelled, or took too long. Try again.',
  InvalidStateError: 'You have a passkey on this device already. It works as it is.',
  NotSupportedError: 'This device has no passkeys that fit. Use another one, or a security key.',
  ConstraintError:
    'This device cannot check that it is you. Set a screen lock or a PIN on it first.',
};

/** Asks the browser, which asks the person. Throws a Failure that says why there is none. */
async function ask<Response extends AuthenticatorResponse>(
  host: string,
  asked: Promise<Credential | null>,
): Promise<{ id: string; response: Response }> {
  try {
    const credential = (await asked) as PublicKeyCredential | null;
    if (credential) return { id: credential.id, response: credential.response as Response };
    throw new DOMException('There is none.', 'NotAllowedError');
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    const sentence =
      name === 'SecurityError'
        ? `Passkeys of this service work at ${host} alone. Open the console there.`
        : SENTENCES[name];
    if (!sentence) console.error(error);
    throw new Failure('refused', sentence ?? 'The browser could not do this. Try another one.');
  }
}

interface CreationOptions {
  challenge: string;
  rp: { id: string; name: string };
  user: { id: string; name: string; displayName: string };
  pubKeyCredParams: PublicKeyCredentialParameters[];
  excludeCredentials: { type: 'public-key'; id: string }[];
  authenticatorSelection: AuthenticatorSelectionCriteria;
  attestation: 'none';
  timeout: number;
}

/** A passkey, as the browser names it. */
const named = ({ type, id }: { type: 'public-key'; id: string }) => ({ type, id: bytesIn(id) });

/** Makes a passkey on this device, or on another one, and adds it. */
export async function addPasskey(name: string): Promise<Enrolled & { passkey: Passkey }> {
  const options = await ofConsole<CreationOptions>('POST /factors/passkeys/challenge', {});
  const publicKey = {
    ...options,
    challenge: bytesIn(options.challenge),
    user: { ...options.user, id: bytesIn(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(named),
  };
  const { id, response } = await ask<AuthenticatorAttestationResponse>(
    options.rp.id,
    navigator.credentials.create({ publicKey }),
  );
  const credential = {
    id,
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
    },
  };
  return ofConsole('POST /factors/passkeys', { name, credential });
}

export const renamePasskey = (id: string, name: string): Promise<{ passkey: Passkey }> =>
  ofConsole(`PATCH /factors/passkeys/${id}`, { name });

export const removePasskey = (id: string): Promise<unknown> =>
  ofConsole(`DELETE /factors/passkeys/${id}`, {});

interface RequestOptions {
  challenge: string;
  rpId: string;
  timeout: number;
  userVerification: 'required';
  /** Left out where any will do. */
  allowCredentials?: CreationOptions['excludeCredentials'];
}

/** What a passkey of the person signs: the challenge that this call gives. */
export async function answerByPasskey(call: string): Promise<object> {
  const [method = '', path = ''] = call.split(' ');
  const answer = await send({ method, path, body: {} });
  if (!answer.ok) throw await refusalOf(answer);
  const { data } = (await answer.json()) as { data: RequestOptions };
  const { allowCredentials = [], ...options } = data;
  const publicKey = {
    ...options,
    challenge: bytesIn(options.challenge),
    allowCredentials: allowCredentials.map(named),
  };
  const { id, response } = await ask<AuthenticatorAssertionResponse>(
    options.rpId,
    navigator.credentials.get({ publicKey }),
  );
  return {
    id,
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      authenticatorData: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      userHandle: textOf(response.userHandle),
    },
  };
}
