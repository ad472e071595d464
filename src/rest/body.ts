/** From a body in any of its three encodings to fields; what they must be is for the verbs to say. */
import type * as v from 'valibot';
import { isNullable, isOptional, itemOf, type ObjectSchema, shownOf } from '../base/fields.ts';
import { CROWDED, isCrowded } from '../base/json.ts';
import { BadRequest } from './answers.ts';

/** In bytes. */
export const MAX_BODY = 1_000_000;

/** Throws where bytes are not UTF-8. */
export const decoder = new TextDecoder('utf-8', { fatal: true });

/** What a body is said to be, without its parameters (RFC 9110, section 8.3.1). */
export const mediaTypeOf = (headers: Headers): string =>
  (headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** A number that a form could only write as a text. */
const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;

/** A value as its schema would have it, where that is plain; the schema refuses what is not. */
function coerce(schema: v.GenericSchema, value: unknown): unknown {
  const item = itemOf(schema);
  if (item && Array.isArray(value)) {
    // One more than it may have is enough to be refused, and does not fill the isolate with complaints.
    const { maxItems = 0 } = shownOf(schema);
    return value.slice(0, maxItems + 1).map((one) => coerce(item, one));
  }
  // However deep it goes, it is not what is wanted.
  if (typeof value === 'object' && value !== null) return {};
  const { type, enum: flags } = shownOf(schema);
  if (flags && typeof value === 'boolean') return Number(value);
  return type === 'integer' || type === 'number' ? numberOf(value) : value;
}

/** An empty value is an absent one, but where it can mean null or the empty list. */
function fromForm(schema: v.GenericSchema, values: unknown[]): unknown {
  if (itemOf(schema)) {
    // A form cannot say that a list is empty but by leaving it out.
    if (values.length === 0) return isOptional(schema) ? undefined : [];
    return coerce(
      schema,
      values.filter((value) => value !== ''),
    );
  }
  const last = values.at(-1);
  if (last === '') return isNullable(schema) ? null : undefined;
  return coerce(schema, last);
}

/** `station_ids[]`, `station_ids[0]` and `station_ids` are all parts of one list. */
const nameOf = (key: string): string => key.replace(/\[\d*\]$/, '');

function fieldsOfForm({ entries }: ObjectSchema, form: Iterable<[string, unknown]>) {
  const sent = Map.groupBy([...form], ([key]) => nameOf(key));
  return Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => [
      name,
      fromForm(
        schema as v.GenericSchema,
        (sent.get(name) ?? []).map(([, value]) => value),
      ),
    ]),
  );
}

function fieldsOfJson({ entries }: ObjectSchema, bytes: ArrayBuffer) {
  if (isCrowded(new Uint8Array(bytes))) {
    throw new BadRequest(400, 'body', CROWDED);
  }
  const body: unknown = JSON.parse(decoder.decode(bytes));
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest(400, 'body', 'The body must be a JSON object.');
  }
  return Object.fromEntries(
    Object.entries(entries)
      .filter(([name]) => Object.hasOwn(body, name))
      .map(([name, schema]) => [
        name,
        coerce(schema as v.GenericSchema, (body as Record<string, unknown>)[name]),
      ]),
  );
}

type Encoding = (schema: ObjectSchema, bytes: ArrayBuffer, type: string) => unknown;

/** More would only be there to be parsed. */
const MAX_PARTS = 2_000;
const tooMany = () => new BadRequest(400, 'body', `The form has more than ${MAX_PARTS} parts.`);

/** Looked for before the parts are taken apart, which takes far longer. */
function hasManyParts(bytes: ArrayBuffer, type: string): boolean {
  const [, boundary] = /;\s*boundary="?([^";]+)/i.exec(type) ?? [];
  if (boundary === undefined) return false;
  const body = Buffer.from(bytes);
  let parts = 0;
  for (let at = body.indexOf(boundary); at >= 0; at = body.indexOf(boundary, at + 1)) {
    // The last one only ends the form.
    if (++parts > MAX_PARTS + 1) return true;
  }
  return false;
}

const encodings = {
  'application/json': fieldsOfJson,
  'application/x-www-form-urlencoded': (schema, bytes) => {
    const text = new TextDecoder().decode(bytes);
    if (text.startsWith('{')) {
      throw new BadRequest(400, 'body', 'This is JSON: send "Content-Type: application/json".');
    }
    if (text.split('&', MAX_PARTS + 1).length > MAX_PARTS) throw tooMany();
    return fieldsOfForm(schema, new URLSearchParams(text));
  },
  'multipart/form-data': async (schema, bytes, type) => {
    if (hasManyParts(bytes, type)) throw tooMany();
    const form = await new Response(bytes, { headers: { 'Content-Type': type } }).formData();
    if ([...form.keys()].length > MAX_PARTS) throw tooMany();
    return fieldsOfForm(schema, form);
  },
} satisfies Record<string, Encoding>;
export const mediaTypes = Object.keys(encodings) as (keyof typeof encodings)[];

/** The fields of `schema` that a body holds; others are ignored. Throws a BadRequest where the body is none. */
export async function readFields(
  bytes: ArrayBuffer,
  headers: Headers,
  schema: ObjectSchema,
): Promise<unknown> {
  const sent = mediaTypeOf(headers);
  const mediaType = mediaTypes.find((one) => one === sent);
  if (!mediaType) {
    throw new BadRequest(415, 'body', `The Content-Type must be one of ${mediaTypes.join(', ')}.`);
  }
  try {
    return await encodings[mediaType](schema, bytes, headers.get('Content-Type') ?? '');
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    throw new BadRequest(
      400,
      'body',
      'The body is not what its Content-Type says: it cannot be parsed.',
    );
  }
}

/** The fields of a query string. */
export const readQuery = (url: string, schema: ObjectSchema): unknown =>
  fieldsOfForm(schema, new URL(url).searchParams);
