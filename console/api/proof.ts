/**
 * Fresh proof of who is there: the service wants it before something grave. The person is asked in
 * place, and the very call is made again.
 */
import { Failure, SENTENCES } from './failure.ts';
import { announce, type Call, send } from './request.ts';
import { refusalOf } from './rest.ts';

/** Asks the person. `before` had the focus. Resolves to whether they have proved who they are. */
type Ask = (before: Element | null) => Promise<boolean>;

const NOBODY: Ask = async () => false;
let ask = NOBODY;
/** The question that is open: calls that want proof meanwhile wait for its answer. */
let asked: Promise<boolean> | undefined;

/** Says who asks. Returns what ends that. */
export function askBy(how: Ask): () => void {
  ask = how;
  return () => {
    ask = NOBODY;
  };
}

interface Refusal {
  message?: { errors?: { proof?: string } };
  errors?: { extensions?: { code?: string } }[];
}

async function wantsProof(response: Response): Promise<boolean> {
  if (response.status !== 403) return false;
  const read = response.clone().json() as Promise<Refusal>;
  const { message, errors } = await read.catch((): Refusal => ({}));
  return message?.errors?.proof !== undefined || errors?.[0]?.extensions?.code === 'PROOF';
}

/**
 * Makes a call, and again once the person has proved who they are, where the service wants that.
 * Throws a Failure if they do not.
 */
export async function sendProven(call: Call): Promise<Response> {
  const before = document.activeElement;
  const response = await send(call);
  if (!(await wantsProof(response))) return response;
  asked ??= ask(before).finally(() => {
    asked = undefined;
  });
  if (await asked) return send(call);
  throw new Failure('refused', SENTENCES.unproved);
}

/** Proves it. Throws a Failure with what is wrong by field. */
export async function prove(
  proof: { password: string } | { code: string } | { passkey: object } | { operatorKey: string },
): Promise<void> {
  const call = { method: 'POST', path: '/console/session/proof', body: proof };
  const response = await send(call);
  if (response.ok) return;
  const failure = await refusalOf(response);
  announce(failure.reason);
  throw failure;
}
