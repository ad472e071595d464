/** Ids, secrets, memory, the text of statements. */
import { sql } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { base32, FOR_PEOPLE, RFC_4648 } from '../../src/base/base32.ts';
import { clientOf } from '../../src/base/client.ts';
import { changeId, randomId, randomText, timePrefix } from '../../src/base/ids.ts';
import { Issuer } from '../../src/base/issuer.ts';
import { sameHash } from '../../src/base/secrets.ts';
import { Signer } from '../../src/base/signer.ts';
import { codeAt, otpauthUri, stepAt, stepOf } from '../../src/base/totp.ts';
import { TtlCache } from '../../src/base/ttl-cache.ts';
import { aliased, source, u } from '../../src/db/aliases.ts';
import { toQuery } from '../../src/db/render.ts';
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

describe('a User-Agent', () => {
  const GECKO = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  const WIN = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
  it.each([
    [`${WIN.replace(')', '; rv:140.0)')} Gecko/20100101 Firefox/140.0`, 'Firefox on Windows'],
    [`${WIN} ${GECKO} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on Windows'],
    [`${WIN} ${GECKO} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
    [`${WIN} ${GECKO} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, 'Opera on Windows'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${GECKO} HeadlessChrome/140.0.0.0`, 'Chrome on Linux'],
    [`Mozilla/5.0 (X11; CrOS x86_64 1) ${GECKO} Chrome/140.0 Safari/1`, 'Chrome on ChromeOS'],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${GECKO} SamsungBrowser/28.0 Chrome/130.0 Mobile`,
      'Samsung Internet on Android',
    ],
    ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
        'Version/18.5 Safari/605.1.15',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like ' +
        'Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1',
      'Chrome on iOS',
    ],
    ['Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8)', 'Android'],
    ...[
      'curl/8.5.0',
      '',
      'x'.repeat(100_000),
      '<script>',
      `${'x'.repeat(512)}Firefox/1 Windows`,
    ].map((text): [string, null] => [text, null]),
  ])('%.60s is told as %s', (text, told) => {
    expect(clientOf(text)).toBe(told);
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
      expect(toQuery(statement)).toEqual(own);
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
      const query = toQuery(ready([...ids], name).sql);
      expect(query).toEqual(dialect.sqlToQuery(make([...ids], name).sql));
    }
    expect(many).toBe(3);
    notes.clear();
  });
});

const text = (plain: string) => new TextEncoder().encode(plain);

describe('codes of an authenticator app', () => {
  const secret = text('12345678901234567890');

  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('are those of RFC 6238, appendix B, at %i seconds', (seconds, code) => {
    const step = stepAt(seconds * 1_000);
    expect(codeAt(secret, step, 8)).toBe(code);
    // Fewer digits are the last ones (RFC 4226, section 5.3).
    expect(codeAt(secret, step)).toBe(code.slice(2));
  });

  it('belong to the step at hand, the one before or the one after, if it is later', () => {
    const now = 1_111_111_111_000;
    const at = stepAt(now);
    const found = (step: number, last = 0) => stepOf(secret, codeAt(secret, step), { now, last });
    expect([-2, -1, 0, 1, 2].map((steps) => found(at + steps))).toEqual([
      null,
      at - 1,
      at,
      at + 1,
      null,
    ]);
    expect([found(at, at - 1), found(at, at), found(at, at + 1)]).toEqual([at, null, null]);
  });

  it('have a URI in which names cannot be mistaken for parameters', () => {
    expect(otpauthUri(secret, 'A:B & Söhne', 'ada+x@example.com')).toBe(
      'otpauth://totp/A%20B%20%26%20S%C3%B6hne:ada%2Bx%40example.com' +
        '?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=A%20B%20%26%20S%C3%B6hne',
    );
  });
});

describe('bytes in base 32', () => {
  it('are those of RFC 4648, section 10, and of other alphabets', () => {
    expect(base32(text('fooba'), RFC_4648)).toBe('MZXW6YTB');
    expect(base32(Uint8Array.from([0, 0, 0, 0, 0, 255, 255, 255, 255, 255]), FOR_PEOPLE)).toBe(
      '00000000ZZZZZZZZ',
    );
  });
});

describe('what is sealed', () => {
  const [old, current] = ['an old secret of the deployment', 'the current one of the deployment'];

  it('is opened for its use and its owner, while the secret that sealed it is kept', async () => {
    const sealed = await new Signer([old]).seal('totp', text('plain'), '12');
    const open = async (signer: Signer, use = 'totp', owner = '12', what = sealed) => {
      const opened = await signer.unseal(use, what, owner);
      return opened && new TextDecoder().decode(opened);
    };
    expect(await open(new Signer([old]))).toBe('plain');
    expect(await open(new Signer([current, old]))).toBe('plain');
    expect(await open(new Signer([current]))).toBeNull();
    expect(await open(new Signer([old]), 'another')).toBeNull();
    expect(await open(new Signer([old]), 'totp', '13')).toBeNull();
    const changed = sealed.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    for (const odd of [changed, '', '.', sealed.slice(0, 20)]) {
      expect(await open(new Signer([old]), 'totp', '12', odd)).toBeNull();
    }
    expect(await new Signer([old]).seal('totp', text('plain'), '12')).not.toBe(sealed);
  });
});
