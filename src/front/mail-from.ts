/** The setting `MAIL_FROM`. */
import { mailboxOf, readAddress } from '../base/address.ts';
import type { Mail } from '../domain/permit.ts';

/** A name without quotes and without characters that a header cannot hold, and an address. */
const NAMED = /^([^<>"\p{Cc}]+?)\s*<([^<>]+)>$/u;

/**
 * Who mails are from: an address, or a name and an address in angle brackets. Undefined if it is
 * left out. Throws if it is neither.
 */
export function readMailFrom(text = ''): Mail['from'] | undefined {
  const given = text.trim();
  if (given === '') return undefined;
  const [, name, bracketed] = NAMED.exec(given) ?? [];
  const address = readAddress(bracketed ?? given);
  const email = address && mailboxOf(address);
  if (email) return name === undefined ? email : { name, email };
  throw new Error(
    'MAIL_FROM must be an e-mail address such as no-reply@example.com, or a name and an ' +
      'address, such as Example <no-reply@example.com>.',
  );
}
