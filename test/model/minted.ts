/** What ends with a key or a member that made it. */
import { end, type Maker, type Model, note, type Person, suspend } from './model.ts';

/** Whom a call can reach. */
type Within = (person: Person, index: number) => boolean;

/**
 * The keys, by their first, and tokens, and the members, that come of a beginning, which is itself
 * a key or a member.
 */
function lineageOf(m: Model, beginning: Maker, within: Within) {
  const makers = [beginning];
  const [by, members] = [new Set<string | null>(), new Set<number | null>()];
  if (beginning.by !== null) by.add(beginning.by);
  const find = (one: string) => {
    if (by.has(one)) return;
    by.add(one);
    makers.push({ by: one, member: null });
  };
  for (const maker of makers) {
    const isOf = (made: Maker) =>
      (made.by !== null && made.by === maker.by) ||
      (made.member !== null && made.member === maker.member);
    for (const { root, made } of m.keys.values()) if (isOf(made)) find(root);
    for (const [token, { person, made }] of m.tokens) {
      if (isOf(made) && within(m.people[person] as Person, person)) find(token);
    }
    m.people.forEach((person, index) => {
      if (!isOf(person.made) || members.has(index) || !within(person, index)) return;
      members.add(index);
      makers.push({ by: null, member: index });
    });
  }
  return { by, members };
}

/** Ends all that came of a key or a member, and tells how much it was. */
export function endMinted(
  m: Model,
  tenant: number,
  beginning: Maker,
  within: Within = () => true,
): { sessions: number; keys: number; members: number } {
  const { by, members } = lineageOf(m, beginning, within);
  const keys = [...m.keys.values()].filter(({ root, gone }) => by.has(root) && !gone);
  for (const key of keys) key.gone = true;
  note(m, tenant, 'apiKey.remove', keys.length);
  const disabled = m.people.filter(
    ({ gone, suspended }, index) => members.has(index) && !gone && !suspended,
  );
  const holders = m.people.filter(({ setBy }) => setBy !== null && by.has(setBy));
  for (const person of m.people) if (by.has(person.reset?.token ?? null)) person.reset = null;
  for (const person of holders) {
    Object.assign(person, { password: null, setBy: null, mustReset: true });
  }
  const ended = end(m, (name, index) => {
    const isTheirs = members.has(index) || holders.includes(m.people[index] as Person);
    return isTheirs || by.has(m.sessions.get(name)?.madeBy ?? null);
  });
  for (const person of disabled) suspend(m, person, true);
  note(m, tenant, 'member.update', disabled.length + holders.length);
  note(
    m,
    tenant,
    'session.removeAll',
    new Set(ended.map((one) => m.sessions.get(one)?.person)).size,
  );
  return {
    sessions: ended.length,
    keys: keys.filter(({ root }) => root !== beginning.by).length,
    members: disabled.length,
  };
}
