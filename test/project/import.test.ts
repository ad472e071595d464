/** `npm run import`: files as people have them, into a real server. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './ports.ts';
import { type LocalServer, startServer } from './server.ts';

let server: LocalServer;
let key = '';
let deviceId = '';
let files = 0;

beforeAll(async () => {
  server = await startServer();
}, 120_000);

afterAll(() => server.stop());

/** A company of its own, with a device. */
beforeEach(async () => {
  const ask = async (query: string): Promise<Record<string, { secret: string; id: string }>> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${server.operatorKey}`,
      },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: never }).data;
  };
  const added = await ask(
    'mutation { a: addIntermediary(input: { name: "Big" }) { secret intermediary { id } } }',
  );
  const { secret, intermediary } = added.a as unknown as {
    secret: string;
    intermediary: { id: string };
  };
  key = secret;
  deviceId = `A${Math.random().toString(36).slice(2).padEnd(7, '0').slice(0, 7)}`;
  await ask(
    `mutation { addDevices(input: { intermediaryId: "${intermediary.id}", devices: [{ deviceId: "${deviceId}", meterId: "METER1" }] }) { success } }`,
  );
});

/** A file with this text or these bytes. */
function write(content: string | Uint8Array, extension = 'csv'): string {
  const file = join(server.folder, `users ${++files}.${extension}`);
  writeFileSync(file, content);
  return file;
}

function load(file: string, ...options: string[]) {
  const began = Date.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['scripts/import.ts', file, '--url', server.url, ...options],
    { env: { ...process.env, LATCHKEY_KEY: key }, encoding: 'utf8' },
  );
  return { status, stderr, seconds: (Date.now() - began) / 1_000 };
}

interface Exported {
  externalId: string;
  suspended: boolean;
  devicePermissions: { deviceId: string; expiresAt: string | null }[];
  chargingPermissions: { deviceId: string; expiresAt: string | null }[];
}

async function users(): Promise<Exported[]> {
  const dump = await fetch(`${server.url}/export`, { headers: { Authorization: `Bearer ${key}` } });
  const lines = (await dump.text()).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

const ids = async () => (await users()).map(({ externalId }) => externalId);

describe('a file with lines that are refused', () => {
  it('has all else imported, and what was refused kept as CSV that can be mended and imported', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `user ${n},${n % 2 ? 'true' : ''},,`);
    const file = write(
      [
        ...['externalId,suspended,deviceId,permission', ...rows, '"a, b",,NOBODY00,'],
        ...['c,,,CHARGE', `d,,${deviceId},WRITE`, 'e,', 'f,,,,,', ''],
      ].join('\n'),
    );
    const first = load(file);
    expect(first.stderr).toContain('305 users: 300 created, 0 changed, 0 unchanged, 5 refused');
    expect(first.stderr).toContain('line 302, devicePermissions.0.deviceId: No such device');
    expect(first.stderr).toContain('line 303, chargingPermissions.0: Name the device');
    expect(first.stderr).toContain('line 304: The permission must be VIEW or CHARGE, not WRITE.');
    expect(first.stderr).toContain('line 305: The row has 2 columns, and the first one 4.');
    expect(first.stderr).toContain('line 306: The row has 6 columns, and the first one 4.');
    expect(first.status).toBe(1);

    const failed = `${file}.failed.csv`;
    const kept = readFileSync(failed, 'utf8');
    expect(kept).toMatch(/^reason,externalId,suspended,deviceId,permission\n/);
    expect(load(file).stderr).toMatch(/There is a file .*failed\.csv already.*Mend and import/);
    const mended = kept
      .replace('NOBODY00', deviceId)
      .replace(',c,,,CHARGE', `,c,,${deviceId},CHARGE`)
      .replace(',WRITE\n', ',charge\n')
      .replace(',e,\n', ',e,,,\n')
      .replace(',f,,,,,\n', ',f,,,\n');
    writeFileSync(failed, mended);
    const again = load(failed);
    expect([again.stderr, again.status]).toEqual([expect.stringContaining('5 created'), 0]);
    const all = await users();
    expect(all).toHaveLength(305);
    expect(all.filter(({ suspended }) => suspended)).toHaveLength(150);
    expect(all.find(({ externalId }) => externalId === 'a, b')?.devicePermissions).toHaveLength(1);
    for (const name of ['c', 'd']) {
      const found = all.find(({ externalId }) => externalId === name);
      expect(found?.chargingPermissions).toHaveLength(1);
    }
  });

  it('has them kept as NDJSON where it is NDJSON, be they JSON or not', async () => {
    const file = write('{"externalId":"a","x":1}\nno json\n{"externalId":"b"}\n', 'ndjson');
    expect(load(file).stderr).toContain('1 created, 0 changed, 0 unchanged, 2 refused');
    const failed = `${file}.failed.ndjson`;
    const kept = readFileSync(failed, 'utf8');
    expect(kept).toContain('"sent":{"externalId":"a","x":1}');
    expect(kept).toContain('"sent":"no json"');
    writeFileSync(failed, kept.replace(',"x":1', '').replace('"no json"', '{"externalId":"c"}'));
    expect(load(failed).status).toBe(0);
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });

  it('does not wait for the answer to a line that holds nothing', () => {
    const file = write('{"line":1,"errors":[],"sent":""}\n\n', 'ndjson');
    const { stderr, status, seconds } = load(file);
    expect(stderr).toContain('line 1: There is nothing in "sent".');
    expect(status).toBe(1);
    expect(seconds).toBeLessThan(20);
  });
});

describe('rows of one user that contradict each other', () => {
  it.each([
    ['suspended', 'suspended', (id: string) => [`${id},true,,`, `${id},false,,`]],
    ['an end', 'expiresAt', (id: string) => [`${id},,D,2100-01-01`, `${id},,D,2101-01-01`]],
    ['an end and none', 'expiresAt', (id: string) => [`${id},,D,2100-01-01`, `${id},,D,`]],
  ])('are refused: %s', async (_, field, rows) => {
    const text = ['externalId,suspended,deviceId,expiresAt', ...rows('a')].join('\n');
    const { stderr, status } = load(write(text.replaceAll(',D,', `,${deviceId},`)));
    expect(stderr).toContain(`contradict each other in "${field}"`);
    expect(status).toBe(1);
    expect(await ids()).toEqual([]);
  });

  it('do not where only one of them says it, or all say it in their own way', async () => {
    const rows = ['a,,D', 'a,TRUE,', 'a,1,D', 'b,,', 'b,no,'];
    const text = ['externalId,suspended,deviceId', ...rows].join('\n');
    const { stderr } = load(write(text.replaceAll(',D', `,${deviceId}`)));
    expect(stderr).toContain('line 5, suspended: Must be true or false.');
    expect(await users()).toMatchObject([{ externalId: 'a', suspended: true }]);
  });
});

describe('a file in another encoding', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');

  it.each([
    ['CSV', 'csv', latin1('externalId\nSøren\nSæren\n'), 'line 2', 'WINDOWS-1252'],
    ['NDJSON', 'ndjson', latin1('{"externalId":"a"}\n{"externalId":"Søren"}\n'), 'line 2', ''],
    ['UTF-16', 'csv', Buffer.from('\ufeffexternalId\nSøren\n', 'utf16le'), 'UTF-16', 'UTF-16'],
  ])('is told, with the line and how to convert it, and nothing is sent: %s', async (...kind) => {
    const [, extension, bytes, where, from] = kind;
    const { stderr, status } = load(write(bytes, extension));
    expect(stderr).toContain('not UTF-8');
    expect(stderr).toContain(where);
    expect(stderr).toContain(`iconv -f ${from}`);
    expect(status).toBe(1);
    expect(await ids()).toEqual([]);
  });

  it('is taken in UTF-8, with a byte order mark and with characters cut by a chunk', async () => {
    const names = Array.from({ length: 9_000 }, (_, n) => `Søren ${'ø'.repeat(n % 7)} ${n}`);
    const { stderr } = load(write(`\ufeffexternalId\n${names.join('\n')}\n`));
    expect(stderr).toContain('9000 created');
    expect((await ids()).sort()).toEqual(names.sort());
  });
});

describe('a file of another style', () => {
  it.each([
    ['column names in other letter cases', 'csv', 'EXTERNALID,DeviceID,Permission\na,D,charge\n'],
    ['semicolons', 'csv', 'externalId;deviceId;permission\na;D;CHARGE\n'],
    ['tabs', 'tsv', 'externalId\tdeviceId\tpermission\na\tD\tCHARGE\n'],
    ['another name', 'txt', 'externalId,deviceId,permission\na,D,CHARGE\n'],
    ['Windows line ends', 'csv', 'externalId,deviceId,permission\r\na,D,CHARGE\r\n'],
    ['quotes', 'csv', '"externalId","deviceId","permission"\n"a","D","CHARGE"\n'],
    [
      'NDJSON that is called CSV',
      'csv',
      '{"externalId":"a","chargingPermissions":[{"deviceId":"D"}]}',
    ],
  ])('is read: %s', async (_, extension, text) => {
    const { stderr } = load(write(text.replace(/\bD\b/, deviceId), extension));
    expect(stderr).toContain('1 created');
    expect(await users()).toMatchObject([{ externalId: 'a', chargingPermissions: [{ deviceId }] }]);
  });

  it.each([
    ['other columns', 'id,device\n1,2\n', 'must name the columns'],
    ['a column twice', 'externalId,EXTERNALID\n1,2\n', 'more than once'],
    ['a JSON list', '[{"externalId":"a"}]', "jq -c '.[]'"],
    ['a quote that does not end', 'externalId\n"a\n', 'cannot be read as CSV'],
    ['nothing in it', '', 'must name the columns'],
  ])('is told what is wrong with it: %s', (_, text, told) => {
    const { stderr, status } = load(write(text, 'txt'));
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
  });

  it('may hold an externalId with a line separator of Unicode, which an export writes as it is', async () => {
    const externalId = 'a\u2028b\u2029c';
    expect(load(write(`${JSON.stringify({ externalId })}\n`, 'ndjson')).status).toBe(0);
    expect(await ids()).toEqual([externalId]);
  });
});

describe('an import that cannot begin', () => {
  const file = () => write('externalId\na\n');

  it('says within seconds that nothing answers, or something else', async () => {
    const silent = `http://127.0.0.1:${await freePort()}`;
    const away = load(file(), '--url', silent);
    expect(away.stderr).toContain(`Nothing answers at ${silent}`);
    expect(away.seconds).toBeLessThan(20);
  });

  it.each(['lk_key_…', 'lk_ses_abc', 'lk_key_'])('says at once that %s is no API key', (other) => {
    const { stderr, status, seconds } = load(file(), '--key', other);
    expect(stderr).toContain('The key is no API key');
    expect(status).toBe(1);
    expect(seconds).toBeLessThan(20);
  });

  it('says so of a file that is not there, and of a folder', () => {
    expect(load(join(server.folder, 'none.csv')).stderr).toContain('no file');
    const { stderr } = load(server.folder);
    expect(stderr).toContain('cannot be imported');
    expect(stderr).not.toContain('    at ');
  });

  it('leaves no file behind where nothing was refused', () => {
    const whole = file();
    expect(load(whole).status).toBe(0);
    expect(existsSync(`${whole}.failed.csv`)).toBe(false);
    rmSync(whole);
  });
});
