/** The second factors of whoever is signed in, or has to set one up first. */
import { ofConsole } from './rest.ts';

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

export interface Factors {
  /** The authenticator app. Null: there is none. */
  totp: { created_at: string } | null;
  passkeys: Passkey[];
  recovery_codes_left: number;
  /** Whether the company requires a second factor. */
  required: boolean;
  /** Whether this service can have passkeys. */
  fits_passkeys: boolean;
}

export const hasFactor = ({ totp, passkeys }: Factors): boolean =>
  totp !== null || passkeys.length > 0;

export const readFactors = (signal?: AbortSignal): Promise<Factors> =>
  ofConsole('GET /factors', undefined, signal);

/** What an authenticator app is given: the secret in base32, and the same as an address. */
export interface TotpSecret {
  secret: string;
  uri: string;
  /** Where there is an app already: what `replaceTotp` takes. */
  replacement?: string;
}

/** Begins with an authenticator app. It counts once `confirmTotp` has shown a code of it. */
export const beginTotp = (): Promise<TotpSecret> => ofConsole('POST /factors/totp', {});

/** What comes of a new factor: the first one brings recovery codes. */
export interface Enrolled {
  recovery_codes: string[] | null;
}

export const confirmTotp = (code: string): Promise<Enrolled> =>
  ofConsole('POST /factors/totp/confirm', { code });

export interface Replaced {
  replacement: string;
  /** Of the app that there was, or a recovery code. */
  code: string;
  new_code: string;
}

export const replaceTotp = (replaced: Replaced): Promise<unknown> =>
  ofConsole('PUT /factors/totp', replaced);

export const removeTotp = (code: string): Promise<unknown> =>
  ofConsole('DELETE /factors/totp', { code });

/** Makes ten new recovery codes. The old ones are void. */
export const renewRecoveryCodes = (code: string): Promise<{ recovery_codes: string[] }> =>
  ofConsole('POST /factors/recovery-codes', { code });
