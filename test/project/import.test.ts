/** `npm run import`: files as people have them, into a real server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as allOf } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './ports.ts';
import type { Server as Served } from './server.ts';
import { sharedServer } from './shared.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'));
let server: Served;
let key = '';
let deviceId = '';
let files = 0;

beforeAll(async () => {
  server = await sharedServer();
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true }));

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
    `mutation { addDevices(input: { intermediaryId: "${intermediary.id}", devices: [{ ` +
      `deviceId: "${deviceId}", meterId: "METER1" }] }) { success } }`,
  );
});

/** A file with this text or these bytes. */
function write(content: string | Uint8Array, extension = 'csv'): string {
  const file = join(folder, `users ${++files}.${extension}`);
  writeFileSync(file, content);
  return file;
}

async function load(file: string, ...options: string[]) {
  const began = Date.now();
  const program = spawn(
    process.execPath,
    ['scripts/import.ts', file, '--url', server.url, ...options],
    { env: { ...process.env, LATCHKEY_KEY: key }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(program, 'exit');
  const stderr = await allOf(program.stderr);
  const [status] = await ended;
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
  it('imports the rest, and keeps what was refused as CSV to be mended and imported', async () => {
    const rows = Array.from({ length: 300 }, (_, n) => `user ${n},${n % 2 ? 'true' : ''},,`);
    const file = write(
      [
        ...['externalId,suspended,deviceId,permission', ...rows, '"a, b",,NOBODY00,'],
        ...['c,,,CHARGE', `d,,${deviceId},WRITE`, 'e,', 'f,,,,,', ''],
      ].join('\n'),
    );
    const first = await load(file);
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
    expect((await load(file)).stderr).toMatch(
      /The file .*failed\.csv already exists.*Correct and import/,
    );
    const mended = kept
      .replace('NOBODY00', deviceId)
      .replace(',c,,,CHARGE', `,c,,${deviceId},CHARGE`)
      .replace(',WRITE\n', ',charge\n')
      .replace(',e,\n', ',e,,,\n')
      .replace(',f,,,,,\n', ',f,,,\n');
    writeFileSync(failed, mended);
    const again = await load(failed);
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
    expect((await load(file)).stderr).toContain('1 created, 0 changed, 0 unchanged, 2 refused');
    const failed = `${file}.failed.ndjson`;
    const kept = readFileSync(failed, 'utf8');
    expect(kept).toContain('"sent":{"externalId":"a","x":1}');
    expect(kept).toContain('"sent":"no json"');
    writeFileSync(failed, kept.replace(',"x":1', '').replace('"no json"', '{"externalId":"c"}'));
    expect((await load(failed)).status).toBe(0);
    expect(await ids()).toEqual(['a', 'b', 'c']);
  });

  it('does not wait for the answer to a line that holds nothing', async () => {
    const file = write('{"line":1,"errors":[],"sent":""}\n\n', 'ndjson');
    const { stderr, status, seconds } = await load(file);
    expect(stderr).toContain('line 1: "sent" is empty.');
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
    const { stderr, status } = await load(write(text.replaceAll(',D,', `,${deviceId},`)));
    expect(stderr).toContain(`contradict each other in "${field}"`);
    expect(status).toBe(1);
    expect(await ids()).toEqual([]);
  });

  it('do not where only one of them says it, or all say it in their own way', async () => {
    const rows = ['a,,D', 'a,TRUE,', 'a,1,D', 'b,,', 'b,no,'];
    const text = ['externalId,suspended,deviceId', ...rows].join('\n');
    const { stderr } = await load(write(text.replaceAll(',D', `,${deviceId}`)));
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
    const { stderr, status } = await load(write(bytes, extension));
    expect(stderr).toContain('not UTF-8');
    expect(stderr).toContain(where);
    expect(stderr).toContain(`iconv -f ${from}`);
    expect(status).toBe(1);
    expect(await ids()).toEqual([]);
  });

  it('is taken in UTF-8, with a byte order mark and with characters cut by a chunk', async () => {
    const names = Array.from({ length: 9_000 }, (_, n) => `Søren ${'ø'.repeat(n % 7)} ${n}`);
    const { stderr } = await load(write(`\ufeffexternalId\n${names.join('\n')}\n`));
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
    [
      'what separates, told to Excel',
      'csv',
      'sep=;\r\nexternalId;deviceId;permission\r\na;D;CHARGE\r\n',
    ],
    ['another separator', 'csv', '"sep=|"\nexternalId|deviceId|permission\na|D|CHARGE\n'],
    ['tails', 'csv', 'externalId,deviceId,permission,,\na,D,CHARGE,, \n,,,,\n , ,,,\n,\n\n'],
    [
      'two files in one',
      'csv',
      'externalId,deviceId,permission\n\ufeffExternalId,deviceId,permission\na,D,CHARGE\n',
    ],
    ['quotes', 'csv', '"externalId","deviceId","permission"\n"a","D","CHARGE"\n'],
    [
      'NDJSON that is called CSV',
      'csv',
      '{"externalId":"a","chargingPermissions":[{"deviceId":"D"}]}',
    ],
  ])('is read: %s', async (_, extension, text) => {
    const { stderr } = await load(write(text.replace(/\bD\b/, deviceId), extension));
    expect(stderr).toContain('1 created');
    expect(await users()).toMatchObject([{ externalId: 'a', chargingPermissions: [{ deviceId }] }]);
  });

  it.each([
    ['other columns', 'id,device\n1,2\n', 'must name the columns'],
    ['a column twice', 'externalId,EXTERNALID\n1,2\n', 'more than once'],
    ['a JSON list', '[{"externalId":"a"}]', "jq -c '.[]'"],
    ['JSON over several lines', '{\n  "externalId": "a"\n}\n', 'jq -c .'],
    ['the same from within', '{ "externalId": "a",\n  "suspended": true }\n', 'jq -c .'],
    [
      'a quote that does not end',
      'externalId\na\n\n"b\nc\n',
      'row that begins in line 4 has an unclosed quote',
    ],
    [
      'a quote inside of a cell',
      'externalId\n"a\nb"\nc"d\n',
      'row that begins in line 4 has an unclosed quote',
    ],
    [
      'a quote that ends too early',
      'externalId\na\n"b"c\n',
      'row that begins in line 3 has an unclosed quote',
    ],
    ['a quote in the first row', '"externalId\na\n', 'The first row has an unclosed quote'],
    [
      'a cell without a column',
      'externalId,\na,b\n',
      'line 2: The row has a cell in a column without',
    ],
    [
      'a row without an end in sight',
      `externalId\na\n"b\n${'c\n'.repeat(1_000_001)}"\n`,
      'begins in line 3 has an unclosed quote',
    ],
    ['a line without an end', `externalId\n${'a'.repeat(2_000_001)}`, 'Line 2 is longer than 2 MB'],
    ['the same of JSON', `{"externalId":"${'a'.repeat(2_000_001)}"}`, 'Line 1 is longer than 2 MB'],
    ['nothing in it', '', 'It is empty.'],
    ['blanks alone', '\ufeff\r\n \n', 'It is empty.'],
    ['a workbook', 'PK\x03\x04\x14\0\x06\0', 'This is a workbook or an archive.'],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'Run gunzip first.'],
    ['a page', '<!DOCTYPE html>\n<title>Sign in</title>', 'This is HTML or XML'],
  ])('is told what is wrong with it: %s', async (_, text, told) => {
    const { stderr, status } = await load(write(text, 'txt'));
    expect(stderr).toContain(told);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
    expect(await ids()).toEqual([]);
  });

  it('has told what is skipped, and which ids are odd: they stay as they are', async () => {
    const rows = ['externalId,suspended', '"a ",', 'a,', ',', 'e\u0301,', 'EXTERNALID,suspended'];
    const { stderr, status } = await load(write([...rows, '\u200bb,', ' ,,'].join('\n')));
    expect(stderr).toContain('line 2: the externalId "a " has spaces around it.');
    expect(stderr).toContain(
      'line 5: the externalId "e\\u{301}" has accents as separate characters',
    );
    expect(stderr).toContain('line 7: the externalId "\\u{200b}b" has invisible characters.');
    expect(stderr).toContain('"a " and "a" are two users');
    expect(stderr).toContain('2 rows of empty cells skipped.');
    expect(stderr).toContain('The first row is repeated in line 6: skipped.');
    expect(stderr).toContain('4 users: 4 created');
    expect(status).toBe(0);
    expect(await ids()).toEqual(['a', 'a ', 'e\u0301', '\u200bb']);
    const lines = [' c', 'd'].map((externalId) => JSON.stringify({ externalId }));
    const ndjson = await load(write(lines.join('\n'), 'ndjson'));
    expect(ndjson.stderr).toContain('line 1: the externalId " c" has spaces around it.');
    expect(ndjson.stderr).not.toContain('line 2');
  });

  it('may hold an externalId with a Unicode line separator, which exports keep', async () => {
    const externalId = 'a\u2028b\u2029c';
    const { status } = await load(write(`${JSON.stringify({ externalId })}\n`, 'ndjson'));
    expect(status).toBe(0);
    expect(await ids()).toEqual([externalId]);
  });
});

describe('an import that cannot begin', () => {
  const file = () => write('externalId\na\n');

  it('says within seconds that nothing answers, or something else', async () => {
    const silent = `http://127.0.0.1:${await freePort()}`;
    const away = await load(file(), '--url', silent);
    expect(away.stderr).toContain(`Nothing answers at ${silent}`);
    expect(away.stderr).toContain('nothing listens there.');
    expect(away.seconds).toBeLessThan(20);
  });

  it('says which option there is not, and which there are', async () => {
    const { stderr, status } = await load(file(), '--uri', 'http://127.0.0.1');
    expect(stderr).toMatch(/^Unknown option '--uri'\nnpm run import -- users\.csv /);
    expect(status).toBe(1);
  });

  /** What is said of an address where this listens. */
  async function saidOf(listener: Server, scheme: string): Promise<string> {
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const { port } = listener.address() as AddressInfo;
    const { stderr } = await load(file(), '--url', `${scheme}://127.0.0.1:${port}`);
    listener.close();
    return stderr.replaceAll(String(port), 'PORT');
  }

  it('says in words that the scheme or the address is wrong, or what cannot work', async () => {
    const other = server.url.replace('http', 'https');
    expect((await load(file(), '--url', other)).stderr).toContain(
      `does not speak https. Perhaps it is ${server.url}\n`,
    );
    expect(await saidOf(createTlsServer({}), 'http')).toContain(
      'does not speak http. Perhaps it is https://127.0.0.1:PORT\n',
    );
    const leading = createServer((_, response) =>
      response.writeHead(301, { Location: 'https://latchkey.example.com/health' }).end(),
    );
    expect(await saidOf(leading, 'http')).toBe(
      'http://127.0.0.1:PORT redirects to https://latchkey.example.com. Name that URL with ' +
        '--url.\n',
    );
    const unfit = createServer((_, response) =>
      response
        .writeHead(503, { 'Content-Type': 'application/json' })
        .end('{"status":"It lacks the binding DB."}'),
    );
    expect(await saidOf(unfit, 'http')).toBe(
      'http://127.0.0.1:PORT/health says: {"status":"It lacks the binding DB."}\n',
    );
    const page = createServer((_, response) => response.end('Welcome to nginx!'));
    expect(await saidOf(page, 'http')).toContain('is not Latchkey');
  });

  it.each(['lk_key_…', 'lk_ses_abc', 'lk_key_'])(
    'says at once that %s is no API key',
    async (other) => {
      const { stderr, status, seconds } = await load(file(), '--key', other);
      expect(stderr).toContain('This is not an API key');
      expect(status).toBe(1);
      expect(seconds).toBeLessThan(20);
    },
  );

  it('says so of a file that is not there, and of a folder', async () => {
    expect((await load(join(folder, 'none.csv'))).stderr).toContain('no file');
    const { stderr } = await load(folder);
    expect(stderr).toContain('cannot be imported. This is a folder.');
    expect(stderr).not.toContain('    at ');
  });

  it('leaves no file behind where nothing was refused', async () => {
    const whole = file();
    expect((await load(whole)).status).toBe(0);
    expect(existsSync(`${whole}.failed.csv`)).toBe(false);
    rmSync(whole);
  });
});
