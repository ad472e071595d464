/** What all calls share: a typed `input`, and a payload with success or errors. */
import type { InputFieldMap, ObjectFieldsShape } from '@pothos/core';
import { type Complaint, Refusal } from '../base/faults.ts';
import { complaintsInBudget } from './answer-budget.ts';
import { builder, type Types } from './builder.ts';
import { maxItems } from './cost.ts';

/** The most errors in a payload, by the number of items in the input. */
const asManyFit = (brought: number): number => Math.min(100, 5 + brought);
/** The longest path: `input`, a list, a position, an object and a field. */
const MAX_PATH = 5;

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'Why a mutation was refused.',
  values: {
    INVALID: { description: 'The input is not acceptable as it stands.' },
    NOT_FOUND: { description: 'Something that the input names does not exist, or is not yours.' },
    CONFLICT: { description: 'The input conflicts with existing data.' },
    FORBIDDEN: { description: 'You may make this call, but not with this input.' },
    QUOTA: {
      description:
        'The call would exceed a limit of the intermediary, which the message names. ' +
        'Repeating it does not help.',
    },
  } as const,
});

const UserError = builder.objectRef<Complaint>('UserError').implement({
  description: 'One reason why a mutation was refused. Nothing was changed.',
  fields: (t) => ({
    code: t.expose('code', {
      type: UserErrorCode,
      description: 'The kind of reason, for programs.',
    }),
    message: t.exposeString('message', { description: 'The reason and what to do, for people.' }),
    path: t.exposeStringList('path', {
      extensions: maxItems(MAX_PATH),
      nullable: true,
      description: 'The path to the invalid input field, with list positions as decimal strings.',
    }),
  }),
});

/** The result of a mutation: the facts on success, the complaints on refusal. */
export type Outcome<Facts> = Partial<Facts> & { errors: readonly Complaint[] };

/** A complaint with a path from the argument `input`. */
export const inInput = (complaint: Complaint): Complaint => ({
  ...complaint,
  path: ['input', ...complaint.path],
});

/** Runs a domain verb for a query with one `input`. The paths of its complaints begin there. */
export async function underInput<Facts>(verb: () => Promise<Facts>): Promise<Facts> {
  try {
    return await verb();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [first, ...rest] = error.complaints;
    throw new Refusal(inInput(first), rest.map(inInput));
  }
}

/** Runs a domain verb for a mutation. A refusal becomes an outcome; other errors are thrown. */
export async function outcome<Facts>(verb: () => Promise<Facts>): Promise<Outcome<Facts>> {
  try {
    return { ...(await verb()), errors: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errors: error.complaints.map(inInput) } as Partial<Facts> & { errors: Complaint[] };
  }
}

const typeName = (field: string): string => `${field[0]?.toUpperCase()}${field.slice(1)}`;

/** The type of a call's `input`. */
export interface Input<Fields extends InputFieldMap> {
  description: string;
  fields: (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => Fields;
  /** If exactly one field may be given: what that is. */
  oneOf?: string | undefined;
}

export const input = <Fields extends InputFieldMap>(
  description: string,
  fields: Input<Fields>['fields'],
  oneOf?: string,
): Input<Fields> => ({ description, fields, oneOf });

/** The argument `input` of a field. Its type is named after the field. */
export const inputOf = <Fields extends InputFieldMap>(
  field: string,
  { description, fields, oneOf }: Input<Fields>,
) =>
  ({
    type: builder.inputType(`${typeName(field)}Input`, {
      description: `The input of \`${field}\`${oneOf === undefined ? '' : `: ${oneOf}`}.`,
      isOneOf: oneOf !== undefined,
      fields,
    }),
    required: true,
    description,
  }) as const;

/** The payload type of a mutation: `success`, `errors`, and `fields`. */
export function payload<Facts>(mutation: string, fields: ObjectFieldsShape<Types, Outcome<Facts>>) {
  return builder.objectRef<Outcome<Facts>>(`${typeName(mutation)}Payload`).implement({
    description: `The answer of \`${mutation}\`.`,
    fields: (t) => ({
      success: t.boolean({
        description: 'Whether everything is now as requested. False: nothing was changed.',
        resolve: ({ errors }) => errors.length === 0,
      }),
      errors: t.field({
        extensions: maxItems(asManyFit),
        type: [UserError],
        description: 'Why the call was refused. Empty on success.',
        resolve: ({ errors }, _, { account }, info) =>
          errors.length > 0 ? complaintsInBudget(account, errors, info) : [],
      }),
      ...fields(t),
    }),
  });
}
