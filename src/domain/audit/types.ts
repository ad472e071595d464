/** The types of events that somebody names: actions, or all of a noun, as in `order.*`. */
import * as v from 'valibot';
import { ACTIONS, type AuditAction, NOUNS, nounOf } from '../../db/events.ts';

/** More than there are: a list may name one twice. */
export const MAX_TYPES = 100;

/** The actions that a type stands for; empty: there is no such type. */
function actionsOf(type: string): AuditAction[] {
  if (!type.endsWith('.*')) return ACTIONS.filter((action) => action === type);
  return NOUNS.get(type.slice(0, -'.*'.length)) ?? [];
}

/** Why a type is none: its noun has others, or is none. */
function noSuchType(type: string): string {
  const noun = nounOf(type).toLowerCase();
  const [, alike] = [...NOUNS].find(([one]) => one.toLowerCase() === noun) ?? [];
  const nouns = [...NOUNS.keys()].join(', ');
  return alike
    ? `There is no such action. There are ${alike.join(', ')}.`
    : 'There is no such action. Actions are a noun and a verb, such as permission.add, or ' +
        `a noun and all its verbs, such as permission.*. The nouns are ${nouns}.`;
}

/** A list of types, as it was given. */
export const typeList = v.pipe(
  v.array(
    v.pipe(
      v.string('Must be a text.'),
      v.check(
        (type) => actionsOf(type).length > 0,
        ({ input }) => noSuchType(input),
      ),
    ),
  ),
  v.maxLength(MAX_TYPES, `Name at most ${MAX_TYPES} actions.`),
);

/** The actions that types stand for, each once and in order; empty: all, as of no types. */
export function actionsOfTypes(types: readonly string[] | null | undefined): AuditAction[] {
  const named = new Set((types ?? []).flatMap(actionsOf));
  return named.size === ACTIONS.length ? [] : ACTIONS.filter((action) => named.has(action));
}
