/** Reports refused mutations next to their payloads, for clients that did not select `errors`. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Complaint } from '../base/faults.ts';
import { complaintsThatFit, sizeOf } from '../base/messages.ts';
import { type AnswerBudget, answerBudgetOf, lineOf, type Refused } from './answer-budget.ts';
import type { Context } from './builder.ts';

type ReportedComplaint = { field: string } & Complaint;

/** Adds complaints of a field to one of the lists of the response. */
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

/** Records why a mutation was refused. */
export const noteRefusal = (
  context: Context,
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void => note(context, 'refused', info, complaints);

/** Records an unknown name in a call, with suggestions. */
export const hint = (
  context: Context,
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void => note(context, 'hints', info, complaints);

/**
 * The complaints that fit into what the payloads leave of the response. Each mutation gets at least
 * one line.
 */
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
