/** Requests to the console's own origin. The browser adds the cookie. */
import { Failure, type Reason, SENTENCES } from './failure.ts';

/** Says `signedOut` when a call finds that the session has ended, `forbidden` when it may less. */
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

/** Sends JSON. Throws a Failure if no answer comes, and the signal's reason if it was aborted. */
export async function send({ method, path, body, signal }: Call): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      signal: signal ?? null,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure('offline', SENTENCES.offline);
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
    const response = await send(call);
    const seconds = Number(response.headers.get('Retry-After'));
    const isBrief = response.status === 429 && seconds > 0 && seconds <= PATIENCE_S;
    if (!isBrief || tries === TRIES) return response;
    await wait(seconds, call.signal);
  }
}

/** The JSON of an answer. An answer that is none comes from something between. */
export async function readJson<Body>(response: Response): Promise<Partial<Body>> {
  try {
    return (await response.json()) as Partial<Body>;
  } catch {
    return {};
  }
}

/** Tells the session what a refusal says about it. */
export function announce(reason: Reason): void {
  if (reason === 'signedOut' || reason === 'forbidden')
    sessionEvents.dispatchEvent(new Event(reason));
}
