/** What every refusal keeps to: it is small, and repeats little of what was sent. */
import type { Json } from '../world.ts';

/** In bytes. */
const MAX_ANSWER = 16_384;
const MAX_ERRORS = 5;
const MAX_SENTENCE = 300;
const MAX_REPEATED = 80;

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Whether all that a document wanted to change was refused. */
const isWhollyRefused = (data: Json): boolean => {
  const payloads = Object.values(data ?? {}) as Json[];
  return payloads.length > 0 && payloads.every((payload) => payload?.success === false);
};

/** Whether an answer tells of nothing but why there is none. */
export const isRefused = (status: number, text: string): boolean => {
  if (status >= 400) return true;
  const body = parsed(text);
  return Array.isArray(body?.errors) ? !body.data : isWhollyRefused(body?.data);
};

/** All sentences of an answer, in the form of whichever face it is from. */
function sentencesOf(body: Json): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const payloads = Object.values(body.data ?? {}) as Json[];
  const { refusals } = body.extensions ?? {};
  const lists = [body.errors, refusals, ...payloads.map((payload) => payload?.errors)];
  return [
    ...lists.flatMap((errors) => (Array.isArray(errors) ? errors : [])).map((e) => e?.message),
    ...Object.values(body.message?.errors ?? {}),
    body.error_description,
  ].filter((one): one is string => typeof one === 'string');
}

const repeats = (sentence: string, said: string): boolean => {
  for (let at = 0; at + MAX_REPEATED < sentence.length; at++) {
    if (said.includes(sentence.slice(at, at + MAX_REPEATED + 1))) return true;
  }
  return false;
};

/** How an answer is larger than it may be, a sentence each. `said`: all that the request says. */
export function largeIn(status: number, text: string, said: string): string[] {
  const broken: string[] = [];
  const body = parsed(text);
  if (isRefused(status, text) && Buffer.byteLength(text) > MAX_ANSWER) {
    broken.push(`A refusal has at most 16 KB: ${Buffer.byteLength(text)}.`);
  }
  if (Array.isArray(body?.errors) && body.errors.length > MAX_ERRORS) {
    broken.push(`An answer has at most five errors: ${body.errors.length}.`);
  }
  for (const sentence of sentencesOf(body)) {
    if (sentence.length > MAX_SENTENCE) broken.push(`A sentence is short: ${sentence.length}.`);
    if (!sentence.isWellFormed() && said.isWellFormed()) broken.push('No character is cut in two.');
    if (repeats(sentence, said)) broken.push(`It repeats little of what was sent: ${sentence}.`);
  }
  return broken;
}
