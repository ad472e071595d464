/** The routes of the company API: ids in the path, in the query and in the body. */
import { itemOf, type ObjectSchema, shownOf } from '../../src/base/fields.ts';
import { type Rule, rules } from '../../src/policy/rules.ts';
import type { Route } from '../../src/rest/route.ts';
import { routes } from '../../src/rest/routes.ts';
import type { By, Operation, Place, ValueAt } from './operation.ts';
import { pathWords, restWords, wordOf } from './words.ts';

/** What is put in a place, as this field has it. */
type Field = [name: string, read: (valueAt: ValueAt) => unknown];

function fieldsOf(call: string, schema: ObjectSchema | undefined, places: Place[]): Field[] {
  return Object.entries(schema?.entries ?? {}).map(([name, field]) => {
    const word = wordOf(restWords, [`${call}.${name}`, name], 'restWords');
    if ('fill' in word) return [name, () => word.fill];
    const item = itemOf(field as never);
    const isNumber = shownOf(item ?? (field as never)).type === 'integer';
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

function operationOf({ method, path, action, body, query }: Route): Operation {
  const name = `${method.toUpperCase()} ${path}`;
  const rule: Rule = rules[action];
  const places: Place[] = [];
  const [before = '', behind] = path.split('/:id');
  const own = behind === undefined ? undefined : wordOf(pathWords, [before], 'pathWords');
  const ofPath = own && 'id' in own ? { at: 'path', word: own } : undefined;
  if (ofPath) places.push(ofPath);
  const ofBody = fieldsOf(name, body, places);
  const ofQuery = fieldsOf(name, query, places);
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
        call(send, credential, valueAt) {
          const asked = Object.entries(filled(ofQuery, valueAt)).filter(([, value]) => value);
          const search = new URLSearchParams(asked as [string, string][]);
          const id = ofPath ? `/${valueAt(ofPath)}` : '';
          return send(`${before}${id}${behind ?? ''}?${search}`, credential, {
            method: method.toUpperCase(),
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

export const restOperations: Operation[] = routes.map(operationOf);
