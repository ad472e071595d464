/** Why a call did not succeed: in words for a person, and by field for a form. */

export type Reason =
  /** No answer came. */
  | 'offline'
  /** The session has ended. */
  | 'signedOut'
  /** A second factor must be set up first: the answer lets this browser do so. */
  | 'enrol'
  /** This person may not do it, or no longer. */
  | 'forbidden'
  /** There is no such thing, or this person does not see it. */
  | 'missing'
  /** Too many calls: later it works. */
  | 'limited'
  /** Something in the input is wrong. */
  | 'refused'
  /** The service fails. */
  | 'broken';

export class Failure extends Error {
  readonly reason: Reason;
  /** By the name of the field in the form. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(reason: Reason, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.reason = reason;
    this.fields = fields;
  }
}

export const SENTENCES = {
  offline: 'No answer came. Check your connection and try again. Your input is still here.',
  signedOut: 'Your session has ended. Sign in again, then repeat this. Your input is still here.',
  enrol: 'Your company requires a second factor. Set one up first.',
  forbidden: 'Your level does not allow this. Ask a colleague of level 1.',
  missing: 'This does not exist, or you do not see it.',
  unproved: 'You did not confirm that it is you, so nothing was changed. Your input is still here.',
  limited: 'These were too many calls. Try again later.',
  refused: 'Something is not right yet. See below.',
  broken: 'The service cannot do this at the moment. Try again later. Your input is still here.',
} as const satisfies Record<Reason | 'unproved', string>;

/** What was thrown, as a Failure. Anything unexpected is an error of the console itself. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  console.error(thrown);
  return new Failure('broken', 'The console has made an error. Reload the page and try again.');
}
