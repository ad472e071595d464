/** Ids, secrets, memory, the text of statements. */
import { sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { changeId, randomId, randomText, timePrefix } from '../../src/base/ids.ts';
import { Issuer } from '../../src/base/issuer.ts';
import { sameHash } from '../../src/base/secrets.ts';
import { TtlCache } from '../../src/base/ttl-cache.ts';
import { aliased, source, u } from '../../src/db/aliases.ts';
import { asText } from '../../src/db/render.ts';
import { users } from '../../src/db/schema.ts';
import { composed, select, unqualified, update } from '../../src/db/statements.ts';
import { statements as notes } from '../statements.ts';

describe('ids', () => {
  it('are integers from 1 to 2^53 - 1 that use the whole range', () => {
    const ids = Array.from({ length: 1000 }, randomId);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    expect(new Set(ids).size).toBe(1000);
    expect(Math.max(...ids)).toBeGreaterThan(2 ** 52);
  });

  it('as text draw each of 62 characters about as often', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 62; n++) {
      for (const letter of randomText(1000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(250);
  });

  it('of changes sort by time', () => {
    const times = [0, 1, 35, 36, 1e12, Date.now(), Date.now() + 1, 4e12];
    const ids = times.map(changeId);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id, n) => id.startsWith(timePrefix(times[n] ?? 0)))).toBe(true);
  });
});

describe('credentials', () => {
  const [old, current] = ['an old secret', 'the current secret'];

  it('are recognised by the secret that issued them, current or retired', async () => {
    const { token, id, hash } = await new Issuer([old]).issue('ses');
    const expected = { kind: 'ses', id, hash };
    expect(await new Issuer([old]).verifyCached(token, 0)).toEqual(expected);
    expect(await new Issuer([current, old]).verifyCached(token, 0)).toEqual(expected);
    expect(await new Issuer([current]).verifyCached(token, 0)).toBeNull();
  });

  it('are recognised from memory as from their checksum', async () => {
    const issuer = new Issuer([current]);
    const { token } = await issuer.issue('ses');
    const first = await issuer.verifyCached(token, 0);
    expect(await issuer.verifyCached(token, 1)).toEqual(first);
    expect(await issuer.verifyCached(token, 60_000)).toEqual(first);
  });

  it('are not recognised when any one character is another', async () => {
    const issuer = new Issuer([current]);
    const { token } = await issuer.issue('key');
    await issuer.verifyCached(token, 0);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'a' ? 'b' : 'a';
      const mistyped = token.slice(0, at) + other + token.slice(at + 1);
      expect(await issuer.verifyCached(mistyped, 0)).toBeNull();
    }
  });

  it('carry an id and at least 128 bits of secret', async () => {
    const { token, id } = await new Issuer([current]).issue('key');
    expect(token.startsWith(`lk_key_${id}`)).toBe(true);
    const secret = token.length - 'lk_key_'.length - id.length - 20;
    expect(secret * Math.log2(62)).toBeGreaterThan(128);
  });

  it('hashes of different length are not the same', () => {
    expect(sameHash('a', 'ab')).toBe(false);
    expect(sameHash('ab', 'ab')).toBe(true);
  });
});

describe('memory', () => {
  it('forgets what is past its time', () => {
    const memory = new TtlCache<string>(2);
    memory.set('a', 'A', 10);
    expect(memory.get('a', 9)).toBe('A');
    expect(memory.get('a', 10)).toBeUndefined();
  });

  const held = (memory: TtlCache<string>, ...keys: string[]) =>
    keys.filter((key) => memory.get(key, 0) !== undefined).join('');

  it('holds no more than its capacity: what was not used for longest goes first', () => {
    const memory = new TtlCache<string>(4);
    for (const key of ['a', 'b', 'c']) memory.set(key, key, 10);
    expect(held(memory, 'a')).toBe('a');
    for (const key of ['d', 'e']) memory.set(key, key, 10);
    expect(held(memory, 'a', 'e')).toBe('ae');
    expect(held(memory, 'b', 'c')).toBe('');
  });

  it('never holds more than its capacity, in what it weighs, however it is used', () => {
    const memory = new TtlCache<string>(100, (text) => text.length);
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
    for (let n = 0; n < 2_000; n++) {
      const key = keys[(n * 7) % 50] ?? '';
      if (n % 3 === 0) memory.get(keys[(n * 11) % 50] ?? '', 0);
      else if (n % 17 === 0) memory.delete(key);
      else memory.set(key, 'x'.repeat(1 + (n % 9)), 10);
    }
    const weight = keys.reduce((sum, key) => sum + (memory.get(key, 0)?.length ?? 0), 0);
    expect(weight).toBeLessThanOrEqual(100);
    expect(weight).toBeGreaterThan(20);
  });

  it('forgets what it is told to, and what is set anew is the new', () => {
    const memory = new TtlCache<string>(4);
    memory.set('a', 'old', 10);
    memory.set('b', 'b', 10);
    memory.set('c', 'c', 10);
    memory.set('a', 'new', 10);
    expect(memory.get('a', 0)).toBe('new');
    memory.delete('a');
    expect(memory.get('a', 0)).toBeUndefined();
  });
});

describe('the text of a statement', () => {
  const dialect = new SQLiteAsyncDialect();
  const other = aliased(users, 'o"ther');
  const inner = select({ id: other.id }, sql`FROM ${source(other)} WHERE ${other.id} IN ${[1, 2]}`);
  const statements = {
    'with parts in parts': update(u, { name: 'x' }, sql`WHERE ${u.id} IN (${inner.sql})`).sql,
    'with parameters of all kinds': sql`SELECT ${1}, ${null}, ${'?'}, ${[u.id, 2]}, ${undefined}`,
    'with names and words': sql`${users} ${users.id} ${unqualified(u.id)} ${sql.raw('a b')}`,
    'of nothing': sql``,
  };

  it.each(Object.entries(statements))('is Drizzle’s own: %s', (_, statement) => {
    const own = dialect.sqlToQuery(statement);
    // Twice: what is kept is the same.
    for (let n = 0; n < 2; n++) {
      expect(dialect.sqlToQuery(asText(statement))).toEqual(own);
    }
    // None of these is for D1 to explain.
    notes.clear();
  });

  it('is made once, whatever is put into it', () => {
    let many = 0;
    const make = (ids: number[], name: string | null) => {
      many++;
      const rest = sql`FROM ${source(u)} WHERE ${u.name} = ${name} AND ${u.id} IN ${ids}`;
      return select({ id: u.id, name: sql`${name}` }, rest);
    };
    const ready = composed(make);
    for (const given of [[[1, 2], 'Ada'] as const, [[3], null] as const]) {
      const [ids, name] = given;
      const query = dialect.sqlToQuery(asText(ready([...ids], name).sql));
      expect(query).toEqual(dialect.sqlToQuery(make([...ids], name).sql));
    }
    expect(many).toBe(3);
    notes.clear();
  });
});
