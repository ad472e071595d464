/** The room of an answer, which all refused mutations of a document share. */
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLResolveInfo,
  SelectionSetNode,
} from 'graphql';
import type { Complaint } from '../base/faults.ts';
import { complaintsThatFit, MAX_REFUSAL, sizeOf } from '../base/messages.ts';
import { below, fieldsByName } from './selections.ts';

/** What refusals may still take of an answer, in bytes, and how many mutations may still want some. */
export interface AnswerBudget {
  left: number;
  calls: number;
}

/** A mutation of the document that was refused, by its name in the answer. */
export interface Refused {
  field: string;
  complaints: readonly Complaint[];
}

/** In bytes: what a payload's field takes besides its name, `"AddDevicePermissionsPayload"` being the longest value. */
const VALUE = 40;

/** In bytes: what one line about a mutation in `extensions` takes, `NOT_FOUND` and 1,000 faults left out being the longest. */
export const lineOf = (name: string): number => name.length + 110;

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'operation'>;

const inAnswer = (sets: SelectionSetNode[], { fragments }: Info): Map<string, FieldNode[]> =>
  // Yoga's executor has the definitions themselves there.
  fieldsByName(sets, (name) => fragments[name] as unknown as FragmentDefinitionNode | undefined);

/** The room of an operation whose mutations are all refused: what their fields and a line for each need is taken off. */
export function answerBudgetOf(info: Info): AnswerBudget {
  const calls = inAnswer([info.operation.selectionSet], info);
  let left = MAX_REFUSAL;
  for (const [name, fields] of calls) {
    left -= name.length + VALUE + lineOf(name);
    for (const field of inAnswer(below(fields), info).keys()) left -= field.length + VALUE;
  }
  return { left, calls: Math.max(1, calls.size) };
}

/** How many bytes a complaint takes in the answer, under the names that the document gives its fields. */
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

/** As many complaints as fit into this mutation's share of the answer. */
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
