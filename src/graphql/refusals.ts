/** Why mutations were refused, beside their payloads: for clients that did not ask for `errors`. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Complaint } from '../base/faults.ts';
import { complaintsThatFit, sizeOf } from '../base/messages.ts';
import { type AnswerBudget, answerBudgetOf, lineOf, type Refused } from './answer-budget.ts';
import type { Context } from './builder.ts';

type ReportedComplaint = { field: string } & Complaint;

/** Notes complaints of a field in one of the lists that the answer tells. */
function note(
  { account }: Context,
  list: 'refused' | 'hints',
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void {
  if (complaints.length === 0) return;
  account.room ??= answerBudgetOf(info);
  account[list].push({ field: String(info.path.key), complaints });
}

/** Notes why a mutation was refused. */
export const noteRefusal = (
  context: Context,
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void => note(context, 'refused', info, complaints);

/** Notes what a call names that is not there, and what may have been meant. */
export const hint = (
  context: Context,
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void => note(context, 'hints', info, complaints);

/** As many complaints as fit into what the payloads have left of the answer's room; of each mutation at least a line. */
export function reportRefusals(
  room: AnswerBudget,
  refused: readonly Refused[],
): ReportedComplaint[] {
  let left = room.left + refused.reduce((sum, { field }) => sum + lineOf(field), 0);
  return refused.flatMap(({ field, complaints }, n) => {
    const size = (complaint: Complaint) => sizeOf({ field, ...complaint });
    const told = complaintsThatFit(complaints, left / (refused.length - n), size);
    left -= told.reduce((sum, complaint) => sum + size(complaint) + 1, 0);
    return told.map((complaint) => ({ field, ...complaint }));
  });
}
