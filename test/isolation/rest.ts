/** The routes of the company API: ids in the path, in the query and in the body. */
import { itemOf, type ObjectSchema, schemaFactsOf } from '../../src/base/fields.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import { nestedRoutes } from '../../src/rest/nested-paths.ts';
import type { Route } from '../../src/rest/route.ts';
import { routes } from '../../src/rest/routes.ts';
import { pathWords, restWords, wordOf } from '../operations/words.ts';
import type { By, Operation, Place, ValueAt } from './operation.ts';

/** What is put in a place, as this field has it. */
type Field = [name: string, read: (valueAt: ValueAt) => unknown];

function fieldsOf(call: string, schema: ObjectSchema | undefined, places: Place[]): Field[] {
  return Object.entries(schema?.entries ?? {}).map(([name, field]) => {
    const word = wordOf(restWords, [`${call}.${name}`, name], 'restWords');
    if ('fill' in word) return [name, () => word.fill];
    const item = itemOf(field as never);
    const isNumber = schemaFactsOf(item ?? (field as never)).type === 'integer';
    const own = (item ? [0, 1] : [undefined]).map((nth) => ({
      at: `${name} ${nth ?? ''}`,
      word,
      nth,
    }));
    places.push(...own);
    return [
      name,
      (valueAt) => {
        const values = own.map(valueAt).map((value) => (isNumber ? Number(value) : value));
        return item ? values : values[0];
      },
    ];
  });
}

const filled = (fields: Field[], valueAt: ValueAt) =>
  Object.fromEntries(fields.map(([name, read]) => [name, read(valueAt)]));

/** A path as it is called, each of its ids in a place of its own. */
function placesOf(path: string, places: Place[]): (valueAt: ValueAt) => string {
  const parts = path.split('/').map((part, at, all): string | Place => {
    if (!part.startsWith(':')) return part;
    const names = [`${part} of a path`, `/${all[at - 1]}`];
    const word = wordOf(pathWords, names, 'pathWords');
    if ('fill' in word) throw new Error(`${path}: ${part} is an id.`);
    const place = { at: `path ${part}`, word };
    places.push(place);
    return place;
  });
  return (valueAt) =>
    parts.map((part) => (typeof part === 'string' ? part : valueAt(part))).join('/');
}

/** The path of the innermost thing, by which fields are known. */
const innermost = (path: string): string => path.replace(/^(\/\w+\/:(?!id)\w+)+/, '');

function operationOf({ method, path, action, body, query }: Route): Operation {
  const verb = method.toUpperCase();
  const name = `${verb} ${path}`;
  const rule: Rule = rules[action];
  const places: Place[] = [];
  const pathWith = placesOf(path, places);
  const call = `${verb} ${innermost(path)}`;
  const ofBody = fieldsOf(call, body, places);
  const ofQuery = fieldsOf(call, query, places);
  const by = (['key', 'member', 'guest'] as const satisfies By[]).filter((one) => one in rule);
  return {
    name,
    forbidden: 403,
    shapes: [
      {
        name,
        rules: [rule],
        by,
        places,
        // A sign-in that fails is an event of the account.
        ...(action === 'member.signIn' && {
          notedIn: ['failed_sign_ins', 'audit_events', 'quotas'],
        }),
        // Whoever has an address gets a mail.
        ...(action === 'member.askReset' && {
          notedIn: ['reset_tokens', 'audit_events', 'quotas'],
        }),
        call(send, credential, valueAt) {
          const asked = Object.entries(filled(ofQuery, valueAt)).filter(([, value]) => value);
          const search = new URLSearchParams(asked as [string, string][]);
          return send(`${pathWith(valueAt)}?${search}`, credential, {
            method: verb,
            ...(body && {
              headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify(filled(ofBody, valueAt)),
            }),
          });
        },
      },
    ],
  };
}

export const restOperations = (): Operation[] => [...routes, ...nestedRoutes].map(operationOf);
