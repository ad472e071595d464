/** The size budget of a response, which all refused mutations of a document share. */
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLResolveInfo,
  SelectionSetNode,
} from 'graphql';
import type { Complaint } from '../base/faults.ts';
import { complaintsThatFit, MAX_REFUSAL, sizeOf } from '../base/messages.ts';
import { below, fieldsByName } from './selections.ts';

/** The bytes that are left for refusals, and the number of mutations that may still need some. */
export interface AnswerBudget {
  left: number;
  calls: number;
}

/** A refused mutation, by its name in the response. */
export interface Refused {
  field: string;
  complaints: readonly Complaint[];
}

/**
 * In bytes: what a payload field takes besides its name. `"AddDevicePermissionsPayload"` is the
 * longest value.
 */
const VALUE = 40;

/**
 * In bytes: what one line about a mutation takes in `extensions`. The longest has `NOT_FOUND` and
 * 1,000 omitted faults.
 */
export const lineOf = (name: string): number => name.length + 110;

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'operation'>;

const inAnswer = (sets: SelectionSetNode[], { fragments }: Info): Map<string, FieldNode[]> =>
  // Yoga's executor passes the definitions themselves.
  fieldsByName(sets, (name) => fragments[name] as unknown as FragmentDefinitionNode | undefined);

/**
 * The budget of an operation if all its mutations are refused: what is left after their fields and
 * one line for each.
 */
export function answerBudgetOf(info: Info): AnswerBudget {
  const calls = inAnswer([info.operation.selectionSet], info);
  let left = MAX_REFUSAL;
  for (const [name, fields] of calls) {
    left -= name.length + VALUE + lineOf(name);
    for (const field of inAnswer(below(fields), info).keys()) left -= field.length + VALUE;
  }
  return { left, calls: Math.max(1, calls.size) };
}

/** The bytes of a complaint in the response, with the document's field names. */
function sizeIn(info: Info): (complaint: Complaint) => number {
  let around = 2;
  const times: Record<string, number> = {};
  for (const [name, [field]] of inAnswer(below(info.fieldNodes), info)) {
    const asked = field?.name.value ?? '';
    around += name.length + 4;
    times[asked] = (times[asked] ?? 0) + 1;
  }
  const parts = Object.entries(times);
  return (complaint) =>
    parts.reduce((sum, [name, many]) => sum + many * sizeOf(partOf(complaint, name)), around);
}

const partOf = (complaint: Complaint, name: string): unknown =>
  name === '__typename' ? 'UserError' : complaint[name as keyof Complaint];

/** The complaints that fit into this mutation's share of the budget. */
export function complaintsInBudget(
  account: { room?: AnswerBudget },
  complaints: readonly Complaint[],
  info: Info,
): Complaint[] {
  account.room ??= answerBudgetOf(info);
  const { room } = account;
  const size = sizeIn(info);
  const told = complaintsThatFit(complaints, room.left / room.calls, size);
  room.left -= told.reduce((sum, complaint) => sum + size(complaint) + 1, 0);
  if (room.calls > 1) room.calls--;
  return told;
}
