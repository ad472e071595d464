/** Requests to the console's own origin. The browser adds the cookie. */
import { Failure, type Reason, SENTENCES } from './failure.ts';
import { isOthersTurn } from './turn.ts';

/**
 * Says `signedOut` when a call finds that the session has ended, `forbidden` when it may less, and
 * `changed` when another tab has signed in or out.
 */
export const sessionEvents = new EventTarget();

const REASONS: Record<number, Reason> = {
  400: 'refused',
  401: 'signedOut',
  403: 'forbidden',
  404: 'missing',
  409: 'refused',
  413: 'refused',
  415: 'refused',
  422: 'refused',
  429: 'limited',
};

export const reasonOf = (status: number): Reason => REASONS[status] ?? 'broken';

const SECOND = new Intl.NumberFormat(undefined, {
  style: 'unit',
  unit: 'second',
  unitDisplay: 'long',
});

/** The sentence about a failure. `Retry-After` says when calls work again. */
export function sentenceOf(reason: Reason, response: Response): string {
  const seconds = Number(response.headers.get('Retry-After'));
  if (!(seconds > 0) || (reason !== 'limited' && reason !== 'broken')) return SENTENCES[reason];
  const what = reason === 'limited' ? 'These were too many calls.' : 'The service is busy.';
  return `${what} Try again in ${SECOND.format(seconds)}. Your input is still here.`;
}

export interface Call {
  method: string;
  path: string;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/** How long an answer may take, its body included: one to read something, one to change it. */
const READ_S = 20;
const CHANGE_S = 60;

const limitOf = ({ method }: Call): number => (method === 'GET' ? READ_S : CHANGE_S);

/** The sentence where nothing came in time. Nobody knows whether a change was made. */
const lateOf = (limitS: number): string =>
  `No answer came within ${SECOND.format(limitS)}. ` +
  (limitS === READ_S
    ? 'Try again.'
    : 'It may be done all the same: look before you send it again. Your input is still here.');

/** No call is made in the name of somebody else. */
function checkTurn(path: string): void {
  if (!path.startsWith('/console/api/') || !isOthersTurn()) return;
  sessionEvents.dispatchEvent(new Event('changed'));
  throw new Failure('signedOut', SENTENCES.changed);
}

/**
 * Sends JSON and waits for the whole answer. Throws a Failure if none comes, or none in time, and
 * the signal's reason if it was aborted.
 */
export async function send(call: Call, limitS = limitOf(call)): Promise<Response> {
  const { method, path, body, signal } = call;
  checkTurn(path);
  const limit = AbortSignal.timeout(limitS * 1000);
  try {
    const response = await fetch(path, {
      method,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { status, headers } = response;
    return new Response((await response.text()) || null, { status, headers });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure('offline', limit.aborted ? lateOf(limitS) : SENTENCES.offline);
  }
}

/** The longest `Retry-After` that somebody who looks at a page waits for without being told. */
const PATIENCE_S = 5;
const TRIES = 4;

const wait = (seconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Sends a call that only reads. Somebody who turns pages quickly is limited for two seconds. */
export async function sendPatiently(call: Call): Promise<Response> {
  for (let tries = 1; ; tries++) {
    const response = await send(call, READ_S);
    const seconds = Number(response.headers.get('Retry-After'));
    const isBrief = response.status === 429 && seconds > 0 && seconds <= PATIENCE_S;
    if (!isBrief || tries === TRIES) return response;
    await wait(seconds, call.signal);
  }
}

/**
 * The JSON of an answer. A refusal that has none comes from something between. Throws a Failure if
 * it is no answer of the service at all, as in a network that wants people to sign in first.
 */
export async function readJson<Body>(response: Response): Promise<Partial<Body>> {
  const text = await response.text();
  try {
    return JSON.parse(text || '{}') as Partial<Body>;
  } catch {
    if (response.ok) throw new Failure('offline', SENTENCES.offline);
    return {};
  }
}

/** Tells the session what a refusal says about it. */
export function announce(reason: Reason): void {
  if (reason === 'signedOut' || reason === 'forbidden')
    sessionEvents.dispatchEvent(new Event(reason));
}
