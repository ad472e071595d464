/**
 * GraphQL documents generated from the schema: every root field, with every argument and everything
 * nested below it.
 */
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import type { FieldAction } from '../../src/graphql/builder.ts';
import { getSchema } from '../../src/graphql/schema.ts';
import { type Action, type Rule, rules } from '../../src/policy/rules.ts';
import { graphqlWords, wordOf } from '../operations/words.ts';
import type { By, Operation, Place, Shape, ValueAt } from './operation.ts';

/** How the arguments of a document are filled. */
interface Plan {
  valueAt: ValueAt;
  /** Which of the fields of a @oneOf input. */
  choose(at: string, names: string[]): string;
}

interface Variable {
  name: string;
  type: GraphQLInputType;
  /** What the argument goes by, the most telling first. */
  names: string[];
}

/** What the fields of a document are, and take. */
interface Asked {
  variables: Variable[];
  actions: Set<Action>;
}

const LEFT_OUT = 'left out';

/** So deep selections nest: as deep as it takes to see every field of every type. */
const DEPTH = 4;

/** This call never makes a member. */
const isRefused = (name: string, choices: Map<string, string>) =>
  name === 'addUser' && choices.get('a_input.userIdentifier') !== 'externalUser';

/** To name a tenant is the operator's right: then it is mine. */
const asOf = (by: By, place: Place): Place =>
  by === 'operator' && place.word.id === 'tenantId'
    ? { ...place, word: { id: 'tenantId', isRight: true } }
    : place;

function fill(
  type: GraphQLInputType,
  at: string,
  names: string[],
  plan: Plan,
  nth?: number,
): unknown {
  const inner = getNullableType(type);
  const isKnown = names.some((name) => name in graphqlWords);
  if (isListType(inner) && !isKnown) {
    return [0, 1].map((n) => fill(inner.ofType, `${at}.${n}`, names, plan, n));
  }
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields());
    const choices = fields.map(({ name }) => name);
    // An argument that need not be given is left out once.
    if (type === inner && !at.includes('.')) choices.push(LEFT_OUT);
    const chosen = inner.isOneOf ? plan.choose(at, choices) : undefined;
    if (chosen === LEFT_OUT) return undefined;
    return Object.fromEntries(
      fields
        .filter(({ name }) => chosen === undefined || name === chosen)
        .map(({ name, type }) => [
          name,
          fill(type, `${at}.${name}`, [`${inner.name}.${name}`, name], plan, nth),
        ]),
    );
  }
  const word = wordOf(graphqlWords, names, 'graphqlWords');
  return 'fill' in word ? word.fill : plan.valueAt({ at, word, nth });
}

const filled = (variables: Variable[], plan: Plan) =>
  Object.fromEntries(
    variables.map(({ name, type, names }) => [name, fill(type, name, names, plan)]),
  );

const actionOf = ({ extensions }: GraphQLField<unknown, unknown>, args: object) => {
  const declared = extensions.action as FieldAction | undefined;
  return typeof declared === 'function' ? declared({ ...args }) : declared;
};

const isOpenTo = (action: Action, by: By): boolean =>
  by === 'chief' ? 'member' in rules[action] : by in rules[action];

/** `Type.field` of everything that some document selects. */
export const selected = new Set<string>();

/** Everything below an object that `by` may ask for; the arguments on the way become variables. */
function selectionOf(
  type: GraphQLObjectType,
  by: By,
  at: string,
  depth: number,
  asked: Asked,
): string {
  const parts = Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    const action = actionOf(field, {});
    const isOpen =
      !action || isOpenTo(action, by) || (by === 'chief' && 'session' in rules[action]);
    if (!isOpen || (isObjectType(inner) && depth === 0)) return [];
    const path = `${at}_${field.name}`;
    const below = isObjectType(inner) ? selectionOf(inner, by, path, depth - 1, asked) : '';
    if (isObjectType(inner) && below === '') return [];
    selected.add(`${type.name}.${field.name}`);
    if (action) asked.actions.add(action);
    return [`${field.name}${argumentsOf(field, type, path, asked)} ${below}`];
  });
  return parts.length === 0 ? '' : `{ ${parts.join(' ')} }`;
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  parent: GraphQLObjectType,
  path: string,
  { variables }: Asked,
): string {
  if (field.args.length === 0) return '';
  const returned = getNamedType(field.type).name;
  const passed = field.args.map(({ name, type }) => {
    const variable = `${path}_${name}`;
    const names = [`${parent.name}.${field.name}.${name}`, `${returned}.${name}`, name];
    variables.push({ name: variable, type, names });
    return `${name}: $${variable}`;
  });
  return `(${passed.join(', ')})`;
}

/** A root field as `by` calls it, in each of its shapes; none where it is not open to them. */
function shapesOf(
  kind: 'query' | 'mutation',
  root: GraphQLObjectType,
  name: string,
  by: By,
): Shape[] {
  const field = root.getFields()[name] as GraphQLField<unknown, unknown>;
  const asked: Asked = { variables: [], actions: new Set() };
  const { variables, actions } = asked;
  const passed = argumentsOf(field, root, 'a', asked);
  const type = getNamedType(field.type);
  const below = isObjectType(type) ? selectionOf(type, by, 'a', DEPTH, asked) : '';
  const declared = variables.map((one) => `$${one.name}: ${one.type}`).join(', ');
  const query = `${kind} ${declared && `(${declared})`} { ${name}${passed} ${below} }`;

  // The first choices everywhere, and then, in one place at a time, each other; of those only the
  // ids below that place.
  const waiting = [{ choices: new Map<string, string>(), under: '' }];
  const shapes: Shape[] = [];
  for (const { choices, under } of waiting) {
    const choose: Plan['choose'] = (at, [first = '']) => choices.get(at) ?? first;
    const places: Place[] = [];
    const values = filled(variables, {
      valueAt: (place) => place.at.startsWith(under) && places.push(asOf(by, place)),
      choose(at, names) {
        if (!choices.has(at) && at.startsWith(under)) {
          // A member's tenant comes from the same place, whatever is chosen.
          for (const other of by === 'chief' ? [] : names.slice(1)) {
            waiting.push({ choices: new Map(choices).set(at, other), under: at });
          }
        }
        return choose(at, names);
      },
    });
    const args = field.args.map((argument) => [argument.name, values[`a_${argument.name}`]]);
    const own = actionOf(field, Object.fromEntries(args));
    if (!own) throw new Error(`${root.name}.${name} has no action: whose is it?`);
    if (!isOpenTo(own, by)) continue;
    selected.add(`${root.name}.${name}`);
    const shape = `${name} ${[...choices].map((choice) => choice.join(' ')).join(', ')}`;
    shapes.push({
      name: shape,
      rules: [own, ...actions].map((action): Rule => rules[action]),
      by: [by],
      places,
      isRefused: isRefused(name, choices),
      showsAll: ['intermediary.list', 'intermediary.read', 'device.listAll'].includes(own),
      call: (send, credential, valueAt) =>
        send('/graphql', credential, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            query,
            variables: filled(variables, { valueAt: (at) => valueAt(asOf(by, at)), choose }),
          }),
        }),
    });
  }
  return shapes;
}

/** Every root field. */
export const graphqlOperations = (): Operation[] =>
  (['query', 'mutation'] as const).flatMap((kind) => {
    const root = getSchema().getRootType(kind as never);
    return Object.keys(root?.getFields() ?? {}).map((name) => ({
      name,
      forbidden: 403 as const,
      shapes: (['key', 'operator', 'session', 'chief'] as const).flatMap((by) =>
        shapesOf(kind, root as GraphQLObjectType, name, by),
      ),
    }));
  });

/** `Type.field` of everything that an answer can hold. */
export function answerFields(): string[] {
  const seen = new Set<string>();
  const walk = (type: GraphQLObjectType) => {
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const inner = getNamedType(field.type);
      if (seen.has(name)) continue;
      seen.add(name);
      if (isObjectType(inner)) walk(inner);
    }
  };
  for (const root of ['query', 'mutation', 'subscription']) {
    const type = getSchema().getRootType(root as never);
    if (type) walk(type);
  }
  return [...seen].sort();
}
