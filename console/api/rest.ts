/** Calls of the company API, as `rest('PATCH /user/1', { name })`. */
import { Failure } from './failure.ts';
import { sendProven } from './proof.ts';
import { announce, readJson, reasonOf, sendPatiently, sentenceOf } from './request.ts';

interface Envelope {
  data: unknown;
  message: { errors: Record<string, string> };
  enrol: true;
}

/** Fields of a refusal that no form has: their sentence is the message. */
const GENERAL = ['body', 'company', 'id', 'limit', 'more', 'permission', 'service', 'server'];

/** Limits of calls are by the minute. */
const MINUTE_S = 60;

/** The Failure that a refusal of the company API tells. */
export async function refusalOf(response: Response): Promise<Failure> {
  const { message, enrol } = await readJson<Envelope>(response);
  const errors = message?.errors ?? {};
  const reason = enrol ? 'enrol' : reasonOf(response.status);
  const general = GENERAL.flatMap((name) => errors[name] ?? []);
  const fields = Object.fromEntries(
    Object.entries(errors).filter(([name]) => !GENERAL.includes(name)),
  );
  // What is closed for longer than calls are limited says why.
  const isClosed = reason === 'limited' && Number(response.headers.get('Retry-After')) > MINUTE_S;
  const isTold = reason === 'refused' || reason === 'forbidden' || isClosed;
  const told = isTold ? general.join(' ') : '';
  return new Failure(reason, told || sentenceOf(reason, response), isTold ? fields : {});
}

/** Calls the company API. Throws a Failure if it refuses. */
export const rest = <Data>(call: string, body?: object, signal?: AbortSignal): Promise<Data> =>
  ofConsole(call.replace(' ', ' /api'), body, signal);

/** Calls what only the console has, as `ofConsole('GET /factors')`. Throws like `rest`. */
export async function ofConsole<Data>(
  call: string,
  body?: object,
  signal?: AbortSignal,
): Promise<Data> {
  const [method = 'GET', path = ''] = call.split(' ');
  const request = { method, path: `/console${path}`, body, signal };
  const response = await (method === 'GET' ? sendPatiently(request) : sendProven(request));
  if (response.ok) {
    const body = await readJson<Envelope>(response);
    // The feed of events has no envelope.
    return ('data' in body ? body.data : body) as Data;
  }
  const failure = await refusalOf(response);
  announce(failure.reason);
  throw failure;
}
