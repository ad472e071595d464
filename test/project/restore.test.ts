/**
 * A backup as `docs/operations.md` makes it, put back: all old credentials answer, and the counts
 * are right.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyProject, type ProjectCopy } from './copy.ts';

/** Names that an SQL file can be cut in the wrong place by. */
const NAMES = [
  `O'Brien; "x" -- \`y\``,
  'BEGIN TRANSACTION; COMMIT;',
  'two\u2028lines /* and',
  'ü🔑',
];

let copy: ProjectCopy;
let backup = '';
const texts = mkdtempSync(join(tmpdir(), 'latchkey-backups-'));

// biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals.
type Json = any;

async function ask(url: string, credential: string, query: string, input?: object): Promise<Json> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${credential}` },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as Json;
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}

const call = (url: string, credential: string, name: string, input: object, fields: string) =>
  ask(
    url,
    credential,
    `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: ` +
      `$input) { success errors { message } ${fields} } }`,
    input,
  );

/**
 * A company with devices, an end user with grants, an order and a session, and a member with a
 * password.
 */
async function fill(url: string, name: string, nth: number) {
  const operator = copy.operatorKey;
  const { intermediary, secret: key } = await call(
    ...([url, operator, 'addIntermediary', { name }, 'secret intermediary { id }'] as const),
  );
  const devices = [0, 1, 2].map((n) => ({ deviceId: `REST${nth}00${n}`, meterId: `meter ' ${n}` }));
  await call(url, operator, 'addDevices', { intermediaryId: intermediary.id, devices }, '');
  const userIdentifier = { externalUser: { externalId: name } };
  await call(url, key, 'addUser', { userIdentifier }, '');
  const deviceIdentifiers = devices.map(({ deviceId }) => ({ deviceId }));
  await call(url, key, 'addDevicePermissions', { userIdentifier, deviceIdentifiers }, '');
  await call(url, key, 'addOrder', { userIdentifier }, '');
  const { session } = await call(
    ...([url, key, 'addUserSession', { userIdentifier }, 'session { accessToken }'] as const),
  );
  return {
    id: intermediary.id as string,
    key: key as string,
    token: session.accessToken as string,
  };
}

/** All that a company's credentials are answered, and what the operator sees of it. */
async function answers(url: string, company: Awaited<ReturnType<typeof fill>>): Promise<Json> {
  const { id, key, token } = company;
  const query = `{ users(first: 9) { nodes { id userIdentifier { externalUser { externalId } } } }
    }`;
  const usage =
    `{ intermediary(id: "${id}") { name usage { users devices grants orders apiKeys ` +
    'liveSessions eventsPerDay } } }';
  const verify = `${url}/verify/${id}?consistency=strict&device=`;
  const device = await ask(url, key, '{ devices(first: 1) { nodes { deviceId } } }');
  const headers = { Authorization: `Bearer ${token}` };
  return {
    users: await ask(url, key, query),
    trail: await ask(url, key, '{ auditEvents(first: 50) { nodes { id action at } } }'),
    viewer: await ask(url, token, '{ viewer { user { id } orders { orderId orderStatus } } }'),
    operator: await ask(url, copy.operatorKey, usage),
    verified: (await fetch(verify + device.nodes[0].deviceId, { headers })).status,
  };
}

const restore = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/restore.ts', ...args], {
    cwd: copy.folder,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
};

beforeAll(() => {
  copy = copyProject();
  backup = join(texts, "Ada's backup (1).sql");
});

afterAll(() => {
  copy.remove();
  rmSync(texts, { recursive: true, force: true });
});

describe('a backup of a filled database', () => {
  it('is put back into an empty one, where all that was answered is answered again', async () => {
    const before = await copy.start();
    const companies = [];
    for (const [nth, name] of NAMES.entries()) companies.push(await fill(before.url, name, nth));
    const [one] = companies;
    if (!one) throw new Error('there is no company');
    const was = [];
    for (const company of companies) was.push(await answers(before.url, company));
    expect(was[0].operator.usage).toMatchObject({ users: 1, devices: 3, grants: 3, orders: 1 });
    expect(was[0].verified).toBe(204);
    await before.stop();

    const made = copy.wrangler('d1', 'export', 'DB', '--local', '--output', backup);
    expect(made.status, made.stderr).toBe(0);
    const { status, said } = restore(backup, '--data', '.wrangler/restored');
    expect(said).toMatch(/^Restoring \d+ rows in \d+ tables into \.wrangler\/restored …\nDone\./);
    expect(status).toBe(0);

    const after = await copy.start('--data', '.wrangler/restored');
    const is = [];
    for (const company of companies) is.push(await answers(after.url, company));
    expect(is).toEqual(was);
    // What comes later is counted, and numbered behind what was there.
    const userIdentifier = { externalUser: { externalId: 'new' } };
    await call(after.url, one.key, 'addUser', { userIdentifier }, '');
    const { operator, trail } = await answers(after.url, one);
    expect(operator.usage.users).toBe(was[0].operator.usage.users + 1);
    expect(trail.nodes[0].action).toBe('user.add');

    const busy = restore(backup, '--data', '.wrangler/restored');
    expect(busy.said).toContain(`The server at ${after.url} uses .wrangler/restored`);
    await after.stop();
    const full = restore(backup, '--data', '.wrangler/restored');
    expect(full.said).toContain('.wrangler/restored already has a database');
    expect([busy.status, full.status]).toEqual([1, 1]);
  });

  it.each<[string, (text: string) => string, string]>([
    ['cut inside of a statement', (text) => text.slice(0, -20), 'ends inside a statement'],
    ['cut behind a row', (text) => text.slice(0, text.indexOf('CREATE INDEX')), 'incomplete'],
    [
      'made without its tables',
      (text) => text.replace(/CREATE TABLE[^;]*;/g, ''),
      'not a complete export',
    ],
    ['of another program', () => 'CREATE TABLE "notes" (text);\n', 'not a complete export'],
    ['no SQL', () => 'externalId,suspended\n', 'inside a statement'],
    [
      'from a later version',
      (text) => text.replace("'0001_company.sql'", "'9999_later.sql'"),
      'from a later version of Latchkey, which has 9999_later.sql',
    ],
  ])('that is %s is refused in a sentence, and nothing is there', (_, change, sentence) => {
    const file = join(texts, 'changed.sql');
    writeFileSync(file, change(readFileSync(backup, 'utf8')));
    const { status, said } = restore(file, '--data', '.wrangler/untouched');
    expect(said).toContain(sentence);
    expect(said).not.toContain('    at ');
    expect(status).toBe(1);
  });

  it('that SQLite refuses leaves nothing behind', () => {
    const file = join(texts, 'changed.sql');
    writeFileSync(file, readFileSync(backup, 'utf8'));
    appendFileSync(file, '\nINSERT INTO "tenants" ("id") VALUES(1);');
    const refused = restore(file, '--data', '.wrangler/twice');
    expect(refused.said).toContain('Nothing was restored.');
    expect(refused.said).toContain('NOT NULL');
    expect(restore(backup, '--data', '.wrangler/twice').status).toBe(0);
  });

  it('that is not there is told', () => {
    expect(restore('nothing.sql').said).toBe('There is no file nothing.sql.\n');
  });
});
