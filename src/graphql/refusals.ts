/** Why mutations were refused, beside their payloads: for clients that did not ask for `errors`. */
import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { Complaint } from '../base/faults.ts';
import { sizeOf, tell } from '../base/sentences.ts';
import type { Context } from './builder.ts';
import { inInput, type Outcome, outcome } from './payload.ts';
import { lineOf, type Room, roomOf } from './room.ts';

/** A mutation of the document that was refused, by its name in the answer. */
export interface Refused {
  field: string;
  complaints: readonly Complaint[];
}

type Told = { field: string } & Complaint;

/** The schema, each mutation of which notes in the context what it complains of. */
export function notingRefusals(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = async (root, args, context: Context, info) => {
      const outcome = (await resolve(root, args, context, info)) as Outcome<unknown>;
      if (outcome.errors.length === 0) return outcome;
      const { account } = context;
      account.room ??= roomOf(info);
      account.refused.push({ field: String(info.path.key), complaints: outcome.errors });
      return outcome;
    };
  }
  return schema;
}

/** Notes what a call names that is not there, and what may have been meant. */
export function hint(
  { account }: Context,
  info: GraphQLResolveInfo,
  complaints: readonly Complaint[],
): void {
  if (complaints.length === 0) return;
  account.room ??= roomOf(info);
  account.hints.push({ field: String(info.path.key), complaints });
}

/** The outcome of a mutation that succeeds also where it did not find what it names: what may have been meant is noted. */
export async function hinting<Facts extends { hints: readonly Complaint[] }>(
  context: Context,
  info: GraphQLResolveInfo,
  verb: () => Promise<Facts>,
): Promise<Outcome<Facts>> {
  const done = await outcome(verb);
  hint(context, info, (done.facts?.hints ?? []).map(inInput));
  return done;
}

/** As many complaints as fit into what the payloads have left of the answer's room; of each mutation at least a line. */
export function tellRefusals(room: Room, refused: readonly Refused[]): Told[] {
  let left = room.left + refused.reduce((sum, { field }) => sum + lineOf(field), 0);
  return refused.flatMap(({ field, complaints }, n) => {
    const size = (complaint: Complaint) => sizeOf({ field, ...complaint });
    const told = tell(complaints, left / (refused.length - n), size);
    left -= told.reduce((sum, complaint) => sum + size(complaint) + 1, 0);
    return told.map((complaint) => ({ field, ...complaint }));
  });
}
