/**
 * Checks of a JSON body before it is parsed. Parsing many small pieces takes far longer than
 * parsing a few large ones.
 */

/** Names of fields. A document with twenty calls of a thousand devices each has some 20,000. */
const MAX_NAMES = 25_000;
/** Lists and objects. */
const MAX_HOLDERS = 250_000;

const [COLON, BRACKET, BRACE] = [0x3a, 0x5b, 0x7b];

/** The message about such a body. */
export const CROWDED = 'The body has more fields, lists and objects than any call accepts.';

/** Whether JSON has more pieces than any call takes. Characters inside strings are counted too. */
export function isCrowded(bytes: Uint8Array): boolean {
  let names = 0;
  let holders = 0;
  for (const byte of bytes) {
    if (byte === COLON) {
      if (++names > MAX_NAMES) return true;
    } else if (byte === BRACKET || byte === BRACE) {
      if (++holders > MAX_HOLDERS) return true;
    }
  }
  return false;
}

/** What invalid JSON often looks like, and what to do about it. The first match is reported. */
const LOOKS: [look: RegExp, advice: string][] = [
  [/^$/, 'It is empty.'],
  [
    /^[\w.\-[\]%]+=/,
    'It looks like a form: send "Content-Type: application/x-www-form-urlencoded".',
  ],
  [/^[{[]\s*['‘’“”]/, 'JSON needs "double quotes" around names and texts.'],
  [/^\{\s*\w/, 'JSON needs "double quotes" around names too.'],
  [/[:,[]\s*(?:True|False|None)\b/, 'JSON writes true, false and null in lower case.'],
  [/[:,[]\s*'/, 'JSON needs "double quotes" around texts.'],
  [/,\s*[}\]]/, 'Is there a comma before a closing bracket? JSON does not allow it.'],
  [/[:,[]\s*(?:undefined|NaN|-?Infinity)\b/, 'Is there a variable without a value in it?'],
];

/** In characters. The mistakes above show at the beginning of a body. */
const MAX_LOOKED = 5_000;

const isCutOff = (text: string): boolean => /^[{[]/.test(text) && !'}]'.includes(text.at(-1) ?? '');

/**
 * The hint about invalid JSON, with a leading space. Empty if none fits. It quotes nothing of the
 * body, which may hold a password.
 */
export function adviceOnJson(text: string): string {
  const whole = text.trim();
  const looked = whole.slice(0, MAX_LOOKED);
  const look = LOOKS.find(([look]) => look.test(looked))?.[1];
  const advice = look ?? (isCutOff(whole) ? 'Its end is missing.' : '');
  return advice ? ` ${advice}` : '';
}
