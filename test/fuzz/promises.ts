/** What every answer keeps to, whatever it answers. */
import { Validator } from '@cfworker/json-schema';
import { companyPath } from '../reference.ts';
import { reference } from '../rest/company.ts';
import type { Json } from '../world.ts';
import { type Shot, saidBy } from './shot.ts';
import { largeIn } from './small.ts';
import type { Stage } from './stage.ts';

/** Words of our workings. */
const UNMASKED = new RegExp(
  [
    String.raw`SQLITE|D1_ERROR|constraint failed|\bSELECT\b.+\bFROM\b|INSERT INTO`,
    String.raw`\bat (async |Object\.|new )|\.[cm]?[jt]s:\d|node_modules|file:\/\/`,
    '(Type|Range|Syntax|Reference)Error|Cannot read propert|is not (a function|iterable|defined)',
    String.raw`\[object |Maximum call stack|Unexpected (token|end of)|in JSON at`,
    'drizzle|valibot|graphql-yoga|workerd|Something went wrong',
  ].join('|'),
);

const REQUEST_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A field's name and its sentence, as the company API tells of refusals; also what no face answers
 * for.
 */
const isRefusal = ({ errors, message }: Json): boolean =>
  errors === true &&
  isRecord(message?.errors) &&
  Object.keys(message.errors).length > 0 &&
  Object.values(message.errors).every(isText);

const isGraphqlError = ({ message, extensions }: Json): boolean =>
  isText(message) && isText(extensions?.code);

const isGraphqlAnswer = (status: number, { data, errors }: Json): boolean =>
  errors === undefined
    ? status === 200 && isRecord(data)
    : Array.isArray(errors) && errors.length > 0 && errors.every(isGraphqlError);

const isOauthAnswer = (status: number, body: Json): boolean =>
  status < 400 ? isRecord(body) : isText(body.error) && isText(body.error_description);

const isFeed = ({ events, next }: Json): boolean =>
  isText(next) &&
  Array.isArray(events) &&
  events.every(({ id, type }) => isText(id) && isText(type));

/** The answer as the reference has it for this very call; undefined where it knows no such call. */
function isDocumented(
  method: string,
  path: string,
  status: number,
  body: Json,
): boolean | undefined {
  const pattern = Object.keys(reference.paths).find((known) =>
    new RegExp(`^${known.replace('{id}', '[^/]+')}$`).test(companyPath(path)),
  );
  const operation = pattern && reference.paths[pattern][method.toLowerCase()];
  if (!operation) return undefined;
  const key = `${operation.operationId} ${status}`;
  if (!validators.has(key)) {
    const documented = operation.responses[status];
    const schema = documented?.content['application/json'].schema;
    validators.set(key, schema && new Validator(schema, '2020-12'));
  }
  return validators.get(key)?.validate(body).valid ?? false;
}

const validators = new Map<string, Validator | undefined>();

/** Whether a JSON answer has the envelope of the face that it is from. */
function isWellFormed(
  { method, headers }: Shot,
  called: string,
  status: number,
  body: Json,
): boolean {
  if (!isRecord(body)) return false;
  // By the console, each call answers as it does elsewhere.
  const path = called.replace(/^\/console\/api(?=\/)/, '');
  const isProxy = headers.some(([name]) => name === 'X-Latchkey-Verify');
  if (isProxy) return isOauthAnswer(status, body);
  // Only queries can be sent with GET, which GraphQL says itself.
  if (/^\/((schema\.)?graphql)?\/?$/.test(path) && Array.isArray(body.errors ?? [])) {
    return isGraphqlAnswer(status, body);
  }
  if (status === 404) return isRefusal(body);
  if (/^\/(verify|introspect|revoke|session)(\/|$)/.test(path)) return isOauthAnswer(status, body);
  if (path.startsWith('/.well-known/')) return isOauthAnswer(status, body);
  if (status === 405) return isRefusal(body);
  if (/^\/events\/?$/.test(path) && status === 200) return isFeed(body);
  if (/^\/(health|openapi\.json)$/.test(path)) return status === 200;
  if (/^\/console\/session\/?$/.test(path) && status === 200) {
    return body.errors === false && isRecord(body.data) && isText(body.data.kind);
  }
  // The door of the console refuses calls that need no credential elsewhere.
  const isOfDoor = path !== called && [401, 403].includes(status);
  if (isOfDoor && isRefusal(body)) return true;
  return isDocumented(method, path, status, body) ?? isRefusal(body);
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** In bytes: what a face reads at most. */
const roomFor = (path: string): number =>
  /^\/(introspect|revoke)/.test(path) ? 2_000_000 : 1_000_000;

/**
 * The promises that an answer breaks, one sentence each. `theirs`: what only the other tenant has.
 */
export function brokenBy(
  shot: Shot,
  path: string,
  { status, headers, text }: Answer,
  { secrets, credentials }: Stage,
  theirs: Iterable<string>,
): string[] {
  const broken: string[] = [];
  const said = saidBy(shot);
  const told = [...headers].flat().join('\n') + text;
  const type = headers.get('Content-Type') ?? '';
  const isToldOnly = (name: string) => told.includes(name) && !said.includes(name);

  broken.push(...largeIn(status, text, said));
  if (status >= 500) broken.push('It is no fault of ours.');
  if (!REQUEST_ID.test(headers.get('X-Request-Id') ?? '')) broken.push('It has an id.');
  const hasCookie = headers.has('Set-Cookie') && !path.startsWith('/console/session');
  if (hasCookie || headers.has('X-Injected')) broken.push('Its headers are ours.');
  const unmasked = /^text\/html|javascript/.test(type) ? null : UNMASKED.exec(text);
  if (unmasked && !said.includes(unmasked[0])) broken.push(`It is masked: ${unmasked[0]}.`);
  for (const secret of secrets.filter(isToldOnly)) broken.push(`It keeps secrets: ${secret}.`);
  if (!credentials.operator.some((key) => said.includes(key))) {
    for (const name of theirs) {
      if (isToldOnly(name)) broken.push(`It tells of one tenant: ${name}.`);
    }
  }
  const isRead = ['POST', 'PATCH'].includes(shot.method) && !/^\/verify(\/|$)/.test(path);
  if (status < 300 && isRead && (shot.body?.length ?? 0) > roomFor(path)) {
    broken.push('Its body has bounds.');
  }
  if (text === '' || !type.includes('json')) return broken;
  try {
    if (!isWellFormed(shot, path, status, JSON.parse(text))) {
      broken.push('It has the form of its face.');
    }
  } catch {
    broken.push('It is the JSON that it says it is.');
  }
  return broken;
}

/** Of GraphQL: a document may have several actions, of which some do what they are told. */
const isEachRefused = (text: string): boolean =>
  text.startsWith('{"data":{') &&
  Object.values<Json>(JSON.parse(text).data).every((payload) => payload?.success === false);

/** Whether a request may have given our own people what it says. */
export const mayHaveWritten = ({ method }: Shot, { status, text }: Answer): boolean =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) && status === 200 && !isEachRefused(text);
