/** All kinds of errors. Each face maps these codes to its own responses in one table. */

export type FaultCode =
  | 'INVALID'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'PROOF'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'QUOTA'
  | 'LIMITED'
  | 'UNAVAILABLE';

/**
 * One error that a client can fix. `path` leads to the field in the verb's input; positions in
 * lists are decimal strings.
 */
export interface Complaint {
  code: Extract<FaultCode, 'INVALID' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN' | 'QUOTA'>;
  message: string;
  path: string[];
}

/**
 * The most errors that one call collects, so that a hundred thousand bad items do not fill the
 * memory.
 */
export const MAX_COMPLAINTS = 1_000;

/** An expected refusal. Nothing was changed, and the complaints say what to do. */
export class Refusal extends Error {
  readonly complaints: readonly [Complaint, ...Complaint[]];
  constructor(first: Complaint, rest: readonly Complaint[] = []) {
    super(first.message);
    this.complaints = [first, ...rest.slice(0, MAX_COMPLAINTS - 1)];
  }
}

/**
 * An error of the call as a whole. `message` is public; `cause` is for the log only. `presented`
 * tells, for UNAUTHENTICATED, whether a credential was sent (RFC 6750, section 3).
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly presented: boolean;
  /** For LIMITED: how many seconds to wait, if it is not the usual minute. */
  readonly retryAfter: number | undefined;
  constructor(
    code: FaultCode,
    message: string,
    options: { cause?: unknown; presented?: boolean; retryAfter?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.presented = options.presented ?? false;
    this.retryAfter = options.retryAfter;
  }
}

/** Whether the fault says that a store does not answer. */
export const isUnavailable = (fault: unknown): fault is Fault =>
  fault instanceof Fault && fault.code === 'UNAVAILABLE';

/** The message for internal errors. It gives no details. */
export const INTERNAL_MESSAGE =
  'Something went wrong on our side. Tell the operator the request id.';

/** Makes a Refusal with one complaint, to be thrown. `path`: from the input to the field. */
export const refuse = (code: Complaint['code'], path: string[], message: string): Refusal =>
  new Refusal({ code, path, message });

/** Throws one Refusal with all complaints, if there are any. */
export function refuseAny(complaints: Complaint[]): void {
  const [first, ...rest] = complaints;
  if (first) throw new Refusal(first, rest);
}

const bad = (advice: string): Fault =>
  new Fault(
    'UNAUTHENTICATED',
    'The credential is not valid. Send a current one as "Authorization: Bearer ' +
      `<credential>".${advice}`,
    { presented: true },
  );
const BAD_CREDENTIAL = bad('');
const NO_CREDENTIAL = new Fault(
  'UNAUTHENTICATED',
  'A credential is needed. Send it as "Authorization: Bearer <credential>".',
);

/** Refusals of credentials that do not look like ours, by the hint that they give. */
const badByAdvice = new Map<string, Fault>();

/** The refusal of a credential, with a hint from `adviceOnHeader`. */
export function badCredential(advice: string): Fault {
  if (advice === '') return BAD_CREDENTIAL;
  const fault = badByAdvice.get(advice) ?? bad(advice);
  badByAdvice.set(advice, fault);
  return fault;
}

/** All refused credentials that look valid get the same answer, whatever was wrong. */
export const unauthenticated = (presented: boolean): Fault =>
  presented ? BAD_CREDENTIAL : NO_CREDENTIAL;
