/** Reads a body in any of three encodings into fields. The verbs validate them. */
import type * as v from 'valibot';
import { MAX_COMPLAINTS } from '../base/faults.ts';
import type { ObjectSchema } from '../base/fields.ts';
import { mediaTypeOf } from '../base/headers.ts';
import { adviceOnJson, CROWDED, isCrowded } from '../base/json.ts';
import {
  hasOtherCharset,
  isOtherCharset,
  notUtf8,
  OTHER_CHARSET,
  readPairs,
  readQueryPairs,
  readUtf8,
} from '../base/utf8.ts';
import { BadRequest } from './answers.ts';
import { MAX_PARTS, readParts, tooManyParts } from './multipart.ts';
import { coerce, fromForm, isPhone, withPlus } from './values.ts';

/** In bytes. */
export const MAX_BODY = 1_000_000;
export const MAX_BODY_OF_GUESTS = 64_000;

/** The content of a body or a query string. */
export interface ReceivedFields {
  /** The fields that the call has, coerced to their types. */
  fields: Record<string, unknown>;
  /** The names of unknown fields. */
  others: string[];
  /** There were unknown fields and no known one. */
  isForeign: boolean;
}

export const NO_FIELDS: ReceivedFields = { fields: {}, others: [], isForeign: false };

/** `names`: the names of all fields in the request. */
function sentOf(
  { entries }: ObjectSchema,
  names: string[],
  fieldOf: (name: string, schema: v.GenericSchema) => unknown,
): ReceivedFields {
  const others = names.filter((name) => !Object.hasOwn(entries, name));
  const fields = Object.entries(entries)
    .map(([name, schema]) => [name, fieldOf(name, schema as v.GenericSchema)])
    .filter(([, value]) => value !== undefined);
  return {
    fields: Object.fromEntries(fields),
    others: others.slice(0, MAX_COMPLAINTS),
    isForeign: others.length > 0 && others.length === names.length,
  };
}

/** `station_ids[]`, `station_ids[0]` and `station_ids` are all parts of one list. */
const nameOf = (key: string): string => key.replace(/\[\d*\]$/, '');

/** The field by which an HTML form names its charset (RFC 7578, section 4.6). */
const CHARSET = '_charset_';

function fieldsOfForm(schema: ObjectSchema, form: Iterable<[string, unknown]>): ReceivedFields {
  const sent = Map.groupBy([...form], ([key]) => nameOf(key));
  if (sent.get(CHARSET)?.some(([, charset]) => isOtherCharset(String(charset)))) {
    throw new BadRequest(415, 'body', OTHER_CHARSET);
  }
  sent.delete(CHARSET);
  return sentOf(schema, [...sent.keys()], (name, field) =>
    fromForm(
      field,
      (sent.get(name) ?? []).map(([, value]) => value),
    ),
  );
}

function fieldsOfPairs(schema: ObjectSchema, pairs: URLSearchParams): ReceivedFields {
  const fields = Object.entries<v.GenericSchema>(schema.entries);
  const phones = new Set(fields.filter(([, field]) => isPhone(field)).map(([name]) => name));
  const form = [...pairs].map(([key, value]): [string, string] => [
    key,
    phones.has(nameOf(key)) ? withPlus(value) : value,
  ]);
  return fieldsOfForm(schema, form);
}

const unparsable = (advice = ''): BadRequest =>
  new BadRequest(
    400,
    'body',
    `The body does not match its Content-Type: it cannot be parsed.${advice}`,
  );

/** The text of a body. Throws if it is not UTF-8. */
function textOf(bytes: ArrayBuffer): string {
  const text = readUtf8(new Uint8Array(bytes));
  if (text === null) throw new BadRequest(400, 'body', notUtf8('The body'));
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unparsable(adviceOnJson(text));
  }
}

function fieldsOfJson(schema: ObjectSchema, bytes: ArrayBuffer): ReceivedFields {
  if (isCrowded(new Uint8Array(bytes))) {
    throw new BadRequest(400, 'body', CROWDED);
  }
  const body: unknown = parseJson(textOf(bytes));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest(400, 'body', 'The body must be a JSON object.');
  }
  const values = body as Record<string, unknown>;
  return sentOf(schema, Object.keys(body), (name, field) =>
    Object.hasOwn(body, name) ? coerce(field, values[name]) : undefined,
  );
}

/**
 * Throws if a value contains an unescaped "&": the form ends the value there, and the rest becomes
 * a field without a value. The message names the field that was cut off. It quotes nothing of the
 * value, which may be a password.
 */
function assertWhole(text: string): void {
  const parts = text.split('&').filter((part) => part !== '');
  const at = parts.findIndex((part) => !part.includes('='));
  if (at < 0) return;
  const before = readPairs(parts.slice(0, at).at(-1) ?? '');
  const [[name = ''] = []] = [...(before ?? [])];
  throw new BadRequest(
    422,
    nameOf(name) || 'body',
    'There is no "=" after an "&" here. If the "&" is part of the value, write it as "%26".',
  );
}

type Encoding = (
  schema: ObjectSchema,
  bytes: ArrayBuffer,
  type: string,
) => ReceivedFields | Promise<ReceivedFields>;

const encodings = {
  'application/json': fieldsOfJson,
  'application/x-www-form-urlencoded': (schema, bytes) => {
    const text = textOf(bytes);
    if (text.startsWith('{')) {
      throw new BadRequest(400, 'body', 'This is JSON: send "Content-Type: application/json".');
    }
    if (text.split('&', MAX_PARTS + 1).length > MAX_PARTS) throw tooManyParts();
    const pairs = readPairs(text);
    if (!pairs) throw new BadRequest(400, 'body', notUtf8('The form'));
    assertWhole(text);
    return fieldsOfPairs(schema, pairs);
  },
  'multipart/form-data': async (schema, bytes, type) =>
    fieldsOfForm(schema, await readParts(bytes, type)),
} satisfies Record<string, Encoding>;
export const mediaTypes = Object.keys(encodings) as (keyof typeof encodings)[];

/** Throws a BadRequest if the Content-Type names a charset other than UTF-8. */
export function assertCharset(headers: Headers): void {
  if (!hasOtherCharset(headers.get('Content-Type') ?? '')) return;
  throw new BadRequest(415, 'body', OTHER_CHARSET);
}

/** Reads a body. Throws a BadRequest if it cannot be parsed. */
export async function readFields(
  bytes: ArrayBuffer,
  headers: Headers,
  schema: ObjectSchema,
): Promise<ReceivedFields> {
  const sent = mediaTypeOf(headers.get('Content-Type') ?? '');
  const mediaType = mediaTypes.find((one) => one === sent);
  if (!mediaType) {
    throw new BadRequest(415, 'body', `The Content-Type must be one of ${mediaTypes.join(', ')}.`);
  }
  assertCharset(headers);
  try {
    return await encodings[mediaType](schema, bytes, headers.get('Content-Type') ?? '');
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    throw unparsable();
  }
}

/** The pairs of a URL's query string. Throws a BadRequest if it is not UTF-8. */
export function readSearch(url: string): URLSearchParams {
  const pairs = readQueryPairs(url);
  if (!pairs) throw new BadRequest(400, 'query', notUtf8('The query string'));
  return pairs;
}

/** Reads a query string. */
export const readQuery = (url: string, schema: ObjectSchema): ReceivedFields =>
  fieldsOfPairs(schema, readSearch(url));
