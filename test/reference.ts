/** Answers held against the reference, and which of them were given. */
import { Validator } from '@cfworker/json-schema';
import { expect } from 'vitest';
import { buildReference } from '../src/reference/document.ts';
import type { Json } from './world.ts';

export const reference: Json = buildReference();

/** `operationId status` of every documented answer that this file's tests have had. */
export const seen = new Set<string>();

/** What is made of a schema, once: schemas are few, and answers come by the thousand. */
function once<Made>(make: (schema: Json) => Made): (schema: Json) => Made {
  const made = new WeakMap<object, { of: Made }>();
  return (schema) => {
    if (typeof schema !== 'object' || schema === null) return make(schema);
    const known = made.get(schema) ?? { of: make(schema) };
    made.set(schema, known);
    return known.of;
  };
}

/** The schema with what it refers to put in its place. */
export const resolve = once((schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(resolve);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (typeof schema.$ref === 'string') {
    const found = schema.$ref
      .slice(2)
      .split('/')
      .reduce((at: Json, key: string) => at[key], reference);
    return resolve(found);
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(value)]));
});

/**
 * A path of the company API as the reference has it, the method before it and no query behind it:
 * there is one for each call, that of the innermost thing, without a slash at its end.
 */
export const companyPath = (path: string): string =>
  path
    .replace(/\/?(\?.*)?$/s, '')
    .replace(/\/project\/[^/]+\/(station\/[^/]+)/, '/$1')
    .replace(/\/station\/[^/]+\/(sensor\/[^/]+)/, '/$1')
    .replace(/\/sensor\/[^/]+\/(channel\/[^/]+)/, '/$1');

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replace('{path}', '.*')
      .replace(/\{\w+\}/, '[^/]+')}$`,
  );

const operationsByPattern = Object.entries<Json>(reference.paths).map(
  ([path, operations]): [RegExp, Json] => [patternOf(path), operations],
);

const operationOf = (method: string, path: string): Json | undefined =>
  operationsByPattern.find(([pattern]) => pattern.test(path))?.[1][method.toLowerCase()];

const validatorOf = once((schema) => new Validator(resolve(schema), '2020-12', false));

/** What is wrong with a value for its schema. */
export const faultsIn = (schema: Json, value: unknown): unknown[] =>
  validatorOf(schema).validate(value).errors;

const linesIn = (text: string): unknown[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/**
 * Expects an answer to be as the reference has it, where that knows the call: a method and a path.
 */
export function expectDocumented(
  call: string,
  { status, headers }: { status: number; headers: Headers },
  text: string,
): void {
  const [method = '', path = ''] = call.split(' ');
  const operation = operationOf(method, path.split('?')[0] ?? '');
  if (!operation) return;
  const told = `${call} answered ${status}: ${text}`;
  const documented = resolve(operation.responses[status]);
  expect(documented, told).toBeDefined();
  const type = headers.get('Content-Type')?.split(';')[0] ?? '';
  const media = documented.content?.[type];
  expect(media === undefined, told).toBe(text === '');
  if (type === 'application/json')
    expect(faultsIn(media.schema, JSON.parse(text)), told).toEqual([]);
  const line = media?.schema.contentSchema;
  if (line) for (const value of linesIn(text)) expect(faultsIn(line, value), told).toEqual([]);
  for (const [name, { required }] of Object.entries<Json>(documented.headers)) {
    if (required) expect(headers.has(name), `${told} without ${name}`).toBe(true);
  }
  seen.add(`${operation.operationId} ${status}`);
}
