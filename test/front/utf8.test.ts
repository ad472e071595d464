/**
 * All faces refuse text that is not UTF-8: two names that differ only in other bytes never become
 * one.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { unlimited } from '../doubles/limits.ts';
import { newProject, newStaff } from '../rest/company.ts';
import { PASSWORD } from '../secrets.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newKey,
  newSession,
  newTenant,
  newUser,
  newWorld,
  type Tenant,
} from '../world.ts';

const world = newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited });

let tenant: Tenant;
let head: { id: number; token: string; email: string };
let projectId: number;
let session: { accessToken: string };
let introspector: string;

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  projectId = (await newProject(world, head.token)).id;
  session = await newSession(world, tenant, (await newUser(world, tenant)).identifier);
  introspector = (await newKey(world, tenant, ['introspect', 'sessions:write'])).secret;
});

/** A text as bytes: characters of Latin-1 as one byte each. */
const latin1 = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text, 'latin1'));
const utf16 = (text: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(text, 'utf16le'));

type Send = () => Promise<Response>;

const post =
  (
    path: string,
    credential: () => string,
    type: string,
    body: BodyInit | (() => BodyInit),
    method = 'POST',
  ): Send =>
  () =>
    world.send(path.replace('{project}', String(projectId)), credential(), {
      method,
      headers: { 'Content-Type': type },
      body: typeof body === 'function' ? body() : body,
    });
const get =
  (path: string, credential: () => string): Send =>
  () =>
    world.send(path, credential());

const key = () => tenant.key;
const staff = () => head.token;
const service = () => introspector;

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const PARTS = 'multipart/form-data; boundary=x';
const NDJSON = 'application/x-ndjson';

const addUser = (externalId: string): string =>
  JSON.stringify({
    query: 'mutation ($input: AddUserInput!) { addUser(input: $input) { success user { id } } }',
    variables: { input: { userIdentifier: { externalUser: { externalId } } } },
  });
const inline =
  'mutation { addUser(input: { userIdentifier: { externalUser: { externalId: "S\xf8ren" } } }) ' +
  '{ success } }';
const part = (name: string, value: string, head = ''): string =>
  `--x\r\nContent-Disposition: form-data; name="${name}"${head}\r\n\r\n${value}\r\n--x--\r\n`;

describe('bytes that are not UTF-8', () => {
  const refused: [string, Send][] = [
    ['GraphQL: JSON', post('/graphql', key, JSON_TYPE, latin1(addUser('S\xf8ren')))],
    ['GraphQL: JSON in UTF-16', post('/graphql', key, JSON_TYPE, utf16(addUser('Søren')))],
    ['GraphQL: at /', post('/', key, JSON_TYPE, latin1(addUser('S\xf8ren')))],
    ['GraphQL: a document', post('/graphql', key, 'application/graphql', latin1(inline))],
    ['GraphQL: a form', post('/graphql', key, FORM, latin1(`query=${inline}`))],
    ['GraphQL: escapes of a form', post('/graphql', key, FORM, `query=${escape(inline)}`)],
    [
      'GraphQL: GET',
      get(
        `/graphql?query=${escape(
          '{ user(userIdentifier: { externalUser: { externalId: "S\xf8" } }) { id } }',
        )}`,
        key,
      ),
    ],
    [
      'GraphQL: GET, what was replaced on the way',
      get('/graphql?query={__typename}&x=S%EF%BF%BDren', key),
    ],
    ['GraphQL: query string of a POST', post('/graphql?x=%F8', key, JSON_TYPE, addUser('Soren'))],
    ['REST: JSON', post('/project', staff, JSON_TYPE, latin1('{"name":"S\xf8ren"}'))],
    ['REST: JSON in UTF-16', post('/project', staff, JSON_TYPE, utf16('{"name":"Søren"}'))],
    ['REST: a name in JSON', post('/project', staff, JSON_TYPE, latin1('{"name":"x","\xf8":1}'))],
    ['REST: a form', post('/project', staff, FORM, latin1('name=S\xf8ren'))],
    ['REST: escapes', post('/project', staff, FORM, 'name=S%F8ren')],
    ['REST: a surrogate in escapes', post('/project', staff, FORM, 'name=S%ED%A0%80ren')],
    ['REST: overlong escapes', post('/project', staff, FORM, 'name=S%C0%AFren')],
    ['REST: a character cut off', post('/project', staff, FORM, 'name=S%C3&status=1')],
    ['REST: a name in escapes', post('/project', staff, FORM, 'name=x&%F8=1')],
    ['REST: a part', post('/project', staff, PARTS, latin1(part('name', 'S\xf8ren')))],
    ['REST: the name of a part', post('/project', staff, PARTS, latin1(part('n\xf8me', 'Soren')))],
    ['REST: a change', post('/project/{project}', staff, FORM, 'name=S%F8ren', 'PATCH')],
    ['REST: a password', post('/password', key, FORM, 'reset_token=x&password=caf%E9caf%E9caf%E9')],
    [
      'REST: signing in',
      post('/authenticate', key, FORM, () => `email=${head.email}&password=caf%E8`),
    ],
    ['REST: a query', get('/user?page=%F8', staff)],
    ['/introspect: escapes', post('/introspect', service, FORM, 'token=%F8')],
    ['/introspect: bytes', post('/introspect', service, FORM, latin1('token=\xf8'))],
    ['/introspect: the query', post('/introspect?consistency=%F8', service, FORM, 'token=x')],
    ['/revoke: escapes', post('/revoke', service, FORM, 'token=x&%F8=x')],
    ['/revoke: bytes', post('/revoke', service, FORM, latin1('token=\xf8'))],
    ['/session', get('/session?consistency=%F8', () => session.accessToken)],
    ['/export', get('/export?after=S%F8ren', key)],
  ];

  it.each(refused)('are 400, which names UTF-8, and change nothing: %s', async (_, send) => {
    await expectNoChange(
      async () => {
        const response = await send();
        return { status: response.status, body: await response.text() };
      },
      { status: 400, body: expect.stringContaining('UTF-8') },
    );
  });

  it('are 403 at /verify, which names UTF-8', async () => {
    for (const question of ['device=S%F8', 'meter=%EF%BF%BD', 'meter=S\ufffd', '%F8=x']) {
      const response = await world.send(`/verify?${question}`, session.accessToken);
      expect([question, response.status, await response.json()]).toMatchObject([
        question,
        403,
        { error_description: expect.stringContaining('UTF-8') },
      ]);
    }
    // Nobody asks about the client's own query.
    const headers = { 'X-Latchkey-Verify': tenant.id };
    const own = await world.send(`/verify/${tenant.id}/a?x=%F8`, session.accessToken, { headers });
    expect(own.status).toBe(200);
  });

  it('refuse a line of an import, and no other', async () => {
    const [one, two] = [fresh('user'), fresh('user')];
    const lines = `{"externalId":"${one}"}\n{"externalId":"S\xf8ren"}\n{"externalId":"${two}"}`;
    const response = await post('/import', key, NDJSON, latin1(lines))();
    const answers = (await response.text())
      .trim()
      .split('\n')
      .map((line): Json => JSON.parse(line));
    expect(answers).toMatchObject([
      { outcome: 'created' },
      { line: 2, errors: [{ code: 'INVALID', message: expect.stringContaining('UTF-8') }] },
      { outcome: 'created' },
    ]);
  });

  it('leave no U+FFFD in the database', async () => {
    for (const [, send] of refused) await (await send()).body?.cancel();
    const { results } = await env.DB.prepare(
      'SELECT name AS text FROM projects UNION ALL SELECT external_id FROM users',
    ).all<{ text: string | null }>();
    expect(results.filter(({ text }) => text?.includes('\ufffd'))).toEqual([]);
  });
});

describe('half a character, as JSON can spell one', () => {
  const half = String.raw`"\ud800"`;
  const key = () => tenant.key;
  const mutation = (input: string) =>
    '{"query":"mutation($input: ' +
    `AddUserInput!){addUser(input:$input){success}}","variables":{"input":${input}}}`;

  it.each<[string, Send]>([
    [
      'a name that no field of a call has',
      post('/station/1', () => head.token, 'application/json', `{${half}:0}`, 'PATCH'),
    ],
    ['a variable’s field', post('/', key, 'application/json', mutation(`{${half}:1}`))],
    [
      'a variable’s value',
      post('/', key, 'application/json', mutation(`{"userIdentifier":{"id":[${half}]}}`)),
    ],
    ['a parameter', post('/', key, 'application/json', `{"query":"{__typename}",${half}:1}`)],
    ['an operation', post('/', key, 'application/json', `{"query":"{a}","operationName":${half}}`)],
    [
      'a line of an import',
      post('/import', key, 'application/x-ndjson', `{${half}:1,"externalId":"x"}`),
    ],
  ])('is told in an answer that every client can read: %s', async (_, send) => {
    const response = await send();
    expect(response.status).not.toBe(500);
    const said: string[] = [];
    for (const line of (await response.text()).trim().split('\n')) {
      JSON.parse(line, (name, value) => {
        said.push(name, String(value));
        return value;
      });
    }
    const half = said.filter((text) => !text.isWellFormed());
    expect(half.map((text) => JSON.stringify(text))).toEqual([]);
  });
});

describe('a charset other than UTF-8', () => {
  const types = (type: string) => [
    `${type}; charset=iso-8859-1`,
    `${type};charset="windows-1252"`,
    `${type}; x=y; CHARSET=utf-16`,
    `${type}; charset=" utf-16 "`,
    `${type}; charset="utf\\-16"`,
    `${type}; charset=utf-8; charset=utf-16`,
    `${type}; x="; charset=utf-8"; charset=utf-16`,
    `${type}; charset = 'latin1'`,
    `${type}; charset*=us-ascii''utf-16`,
    `${type}; charset=utf-8, text/plain`,
  ];
  const declared: [string, Send][] = [
    ...types(JSON_TYPE).flatMap((type): [string, Send][] => [
      [`GraphQL: ${type}`, post('/graphql', key, type, addUser('Soren'))],
      [`REST: ${type}`, post('/project', staff, type, '{"name":"Soren"}')],
    ]),
    ...types(FORM).flatMap((type): [string, Send][] => [
      [`GraphQL: ${type}`, post('/graphql', key, type, 'query={__typename}')],
      [`REST: ${type}`, post('/project', staff, type, 'name=Soren')],
      [`/introspect: ${type}`, post('/introspect', service, type, 'token=x')],
      [`/revoke: ${type}`, post('/revoke', service, type, 'token=x')],
    ]),
    ...types(NDJSON).map((type): [string, Send] => [
      `/import: ${type}`,
      post('/import', key, type, '{"externalId":"Soren"}'),
    ]),
    [
      'REST: of a part',
      post(
        '/project',
        staff,
        PARTS,
        part('name', 'Soren', '\r\nContent-Type: text/plain; charset=latin1'),
      ),
    ],
    ...[
      '\r\nContent-Type : text/plain; charset=" utf-16"',
      '\r\nContent-Type: text/plain;\r\n charset=utf-16',
      '\r\nContent-Type: text/plain\r\nContent-Type: text/plain; charset=utf-16',
    ].map((head): [string, Send] => [
      `REST: of a part, ${JSON.stringify(head)}`,
      post('/project', staff, PARTS, part('name', 'Soren', head)),
    ]),
    [
      'REST: of a part that begins within a line',
      post(
        '/project',
        staff,
        PARTS,
        `a${part('name', 'Soren', '\r\nContent-Type: text/plain; charset=latin1')}`,
      ),
    ],
    ['REST: _charset_', post('/project', staff, FORM, 'name=Soren&_charset_=windows-1252')],
    [
      'REST: a second _charset_',
      post('/project', staff, FORM, '_charset_=utf-8&name=Soren&_charset_=utf-16'),
    ],
  ];

  it.each(declared)('is 415: %s', async (_, send) => {
    await expectNoChange(
      async () => {
        const response = await send();
        return { status: response.status, body: await response.text() };
      },
      { status: 415, body: expect.stringContaining('UTF-8') },
    );
  });
});

describe('a multipart form', () => {
  const plain = part('name', 'Soren');
  const endless = '\r\nX: '.concat('y'.repeat(4_000), '\r\nContent-Type: a/b; charset=utf-16');

  it.each([
    ['without a boundary', 'multipart/form-data', plain],
    ['with two boundaries', 'multipart/form-data; boundary=x; boundary=y', plain],
    ['with an empty one', 'multipart/form-data; boundary=""', plain],
    ['with one too long', `multipart/form-data; boundary=${'x'.repeat(71)}`, plain],
    ['with an odd one', 'multipart/form-data; boundary=ä', plain],
    ['with a part whose head is long', PARTS, part('name', 'Soren', endless)],
    ['with a part that has no end', PARTS, '--x\r\nContent-Disposition: form-data; name="name"'],
  ])('%s is 400, which says so', async (_, type, body) => {
    await expectNoChange(
      async () => {
        const response = await post('/project', staff, type, body)();
        return { status: response.status, body: await response.text() };
      },
      { status: 400, body: expect.stringMatching(/boundary|headers of a part/) },
    );
  });

  it.each([
    ['in quotes', 'multipart/form-data; boundary="x"', plain],
    ['behind another parameter', 'multipart/form-data; y="; boundary=y"; Boundary = x', plain],
    ['with the charset beside it', 'multipart/form-data; charset=UTF-8; boundary=x', plain],
    ['in the value too', PARTS, part('name', 'Soren --x--x--')],
    [
      'with signs',
      'multipart/form-data; boundary="a b\'()+_,-./:=?c"',
      plain.replaceAll('--x', "--a b'()+_,-./:=?c"),
    ],
  ])('is read with its boundary %s', async (_, type, body) => {
    const response = await post('/project', staff, type, body)();
    expect([response.status, ((await response.json()) as Json).data?.project.name]).toEqual([
      200,
      body.includes('Soren --x') ? 'Soren --x--x--' : 'Soren',
    ]);
  });
});

describe('UTF-8', () => {
  const NAME = 'Søren 🌊 100% %zz';
  const BOM = '\ufeff';
  const file = new Uint8Array([0xff, 0xd8, 0xff]);

  it('is accepted as it is, with a byte order mark, and with seeming escapes', async () => {
    const form = new FormData();
    form.append('name', NAME);
    form.append('photo', new File([file], 'photo.jpg', { type: 'image/jpeg' }));
    const answers = [
      await post('/project', staff, JSON_TYPE, `${BOM}${JSON.stringify({ name: NAME })}`)(),
      await post(
        '/project',
        staff,
        'application/json; charset=utf8',
        JSON.stringify({ name: NAME }),
      )(),
      await post('/project', staff, `${FORM}; charset="UTF-8"`, `_charset_=utf-8&name=${NAME}`)(),
      await post('/project', staff, FORM, `name=${encodeURIComponent(NAME)}`)(),
      await world.send('/project', head.token, { method: 'POST', body: form }),
      await post(
        '/project',
        staff,
        PARTS,
        part('name', NAME, '\r\nContent-Type: text/plain; charset=utf-8'),
      )(),
    ];
    for (const answer of answers) {
      expect([answer.status, ((await answer.json()) as Json).data?.project.name]).toEqual([
        200,
        NAME,
      ]);
    }
  });

  it('may begin with a byte order mark in GraphQL and in an import', async () => {
    const answer = await post('/graphql', key, JSON_TYPE, `${BOM}${addUser(fresh('user'))}`)();
    expect(await answer.json()).toMatchObject({ data: { addUser: { success: true } } });
    const imported = await post(
      '/import',
      key,
      NDJSON,
      `${BOM}{"externalId":"${fresh('user')}"}`,
    )();
    expect(await imported.json()).toMatchObject({ outcome: 'created' });
  });

  it('keeps apart who differs, and a U+FFFD that a client sends itself', async () => {
    const ids = new Set<string>();
    for (const name of ['Søren', 'Særen', 'S\ufffdren']) {
      const answer = await post('/graphql', key, JSON_TYPE, addUser(name))();
      ids.add(((await answer.json()) as Json).data.addUser.user.id);
    }
    expect(ids.size).toBe(3);
  });

  it('is what passwords are compared in', async () => {
    const path = `/user/${head.id}/password-reset`;
    const made = await world.send(path, tenant.key, { method: 'POST' });
    const { reset_token } = ((await made.json()) as Json).data;
    const password = `${PASSWORD}é`;
    const set = await post(
      '/password',
      key,
      FORM,
      `reset_token=${reset_token}&password=${encodeURIComponent(password)}`,
    )();
    expect(set.status).toBe(200);
    for (const [typed, status] of [
      ['%C3%A9', 200],
      ['%C3%A8', 400],
      ['%E9', 400],
    ] as const) {
      const answer = await post(
        '/authenticate',
        key,
        FORM,
        `email=${head.email}&password=${PASSWORD}${typed}`,
      )();
      expect([typed, answer.status]).toEqual([typed, status]);
    }
  });
});
