/** What the company API accepts and refuses, field by field, in each encoding. */
import { beforeAll, describe, expect, it } from 'vitest';
import { unlimited } from '../doubles/limits.ts';
import { restOperations } from '../operations/rest.ts';
import { PASSWORD } from '../secrets.ts';
import { expectNoChange, fresh, type Json, newTenant, newWorld, type Tenant } from '../world.ts';
import {
  done,
  memberFields,
  newProject,
  newStaff,
  newStation,
  type RestAnswer,
  reference,
  rest,
} from './company.ts';

const world = newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited });

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
const NUMBER = '+1 555 555 5555';
const JSON_TYPE = { 'Content-Type': 'application/json' };

type Fields = Record<string, unknown>;
type Body = Fields | URLSearchParams | FormData | string;
type Encoding = [name: string, encode: (fields: Fields) => Body];

let tenant: Tenant;
let head: { id: number; token: string; email: string };
let ids: Record<string, number | string>;
let stations: number[];
let foreign: { companyId: number; stationId: number };

/** `{id}` is an id of what the path begins with, `{head}` and the like are ids by name. */
const at = (call: string): string =>
  call.replace(
    /(\w+)\/\{(\w+)\}/,
    (_, noun, name) => `${noun}/${ids[name === 'id' ? noun : name]}`,
  );

/** Sends as level 1. */
const send = (call: string, body?: Body, headers?: Record<string, string>) =>
  rest(world, head.token, at(call), body, headers);

/** What a call that must be done answers with: the user, the station … */
const make = async (call: string, body?: Body): Promise<Json> =>
  Object.values(await done(send(call, body)))[0];

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  const project = await newProject(world, head.token);
  stations = [];
  for (let n = 0; n < 2; n++) stations.push((await newStation(world, head.token, project.id)).id);
  const other = await newTenant(world);
  const elsewhere = await newProject(world, other.key);
  const theirs = await newStation(world, other.key, elsewhere.id);
  foreign = { companyId: Number(other.id), stationId: theirs.id };
  ids = { me: 'me', head: head.id, project: project.id, station: stations[0] as number };
  ids.sensor = (await make('POST /station/{id}/sensor', { name: 'a sensor' })).id;
  ids.channel = (await make('POST /sensor/{id}/channel', { name: 'a channel', unit_id: 1 })).id;
  const user = async (more: Fields) =>
    (await make('POST /user', memberFields(tenant, { station_ids: stations, ...more }))).id;
  ids.user = await user({});
  ids.alarmed = await user({ sms: NUMBER, alarm_sms: 1 });
});

/** A list as a form has it, null as an empty value. */
const pairsOf = (fields: Fields): [string, string][] =>
  Object.entries(fields).flatMap(([name, value]): [string, string][] =>
    Array.isArray(value)
      ? (value.length > 0 ? value : ['']).map((item) => [`${name}[]`, String(item)])
      : [[name, value === null ? '' : String(value)]],
  );

const forms: Encoding[] = [
  ['form', (fields) => new URLSearchParams(pairsOf(fields))],
  [
    'multipart',
    (fields) => {
      const form = new FormData();
      for (const [name, value] of pairsOf(fields)) form.append(name, value);
      return form;
    },
  ],
];
const encodings: Encoding[] = [['JSON', (fields) => fields], ...forms];

const DEEP = `${'['.repeat(25_000)}${']'.repeat(25_000)}`;

/** What a field is never: in a form, and in JSON. */
interface Kind {
  form: unknown[];
  json: unknown[];
}

/** What no kind of field can be, besides what this one cannot. */
const kind = (...form: unknown[]): Kind => {
  const json = [null, '', true, {}, [], [[]], { name: 'x' }, 'abcd\ud800', '\udc00abcd', ...form];
  return { form, json };
};
/** But that is fine, in JSON. */
const allowing = (value: unknown, { form, json }: Kind): Kind => ({
  form,
  json: json.filter((other) => other !== value),
});
const required = ({ form, json }: Kind): Kind => ({
  form: [...form, '', undefined],
  json: [...json, undefined],
});

const CONTROLS = ['abcd\u0000', 'ab\ncd', 'abcd\u007f', 'abcd\u009f'];
const textOf = (least: number, most: number): Kind => {
  const short = least > 1 ? ['x'.repeat(least - 1)] : [];
  const { form, json } = kind(...short, 'x'.repeat(most + 1), ...CONTROLS);
  return { form, json: [...json, 5] };
};
const integerOf = (least: number, most: number): Kind =>
  kind(least - 1, most + 1, least + 0.5, 'abc', '0x10', '1e3', 'NaN');
const decimalOf = (most: number): Kind => kind(most + 1, -most - 1, 'abc', '0x10', 'Infinity');
const degreesOf = (most: number): Kind =>
  kind(`${most}.000001`, `-${most}.000001`, 'abc', '1e1', '1.', '.5', '+1', '0x1', ' 1', '1,5');
const flag = allowing(true, kind(2, -1, 0.5, 'yes', 'truee'));
const id = kind('abc', 0, -1, 1.5, 2 ** 53);
const email = kind(
  'nobody',
  '@example.com',
  'a@example',
  'a b@example.com',
  'a@example.com\n',
  'a@exam\u0000ple.com',
  `${'a'.repeat(243)}@example.com`,
);
const phone = allowing(
  null,
  kind(
    '555 555 5555',
    '+1 5',
    '+1 555 555 5555 5555',
    '+999 555 555 5555',
    '+1 555 555 5555 ext. 5',
    '+1 555 555 5555\u0000',
    'call me',
    15_555_555_555,
    `+${'1'.repeat(100_000)}`,
  ),
);
const password = kind('x'.repeat(11), 'abcdefghijkl', 'Password1234', 'ab'.repeat(65));
const typed = kind('x'.repeat(513));
const timeZone = kind('Nowhere/City', '+01:00', 'UTC\u0000', 'x'.repeat(65));
const companyId = (): Kind => kind(...id.form, foreign.companyId);
/** Foreign and unknown ones are refused like what is no id. */
const stationIds = (): Kind => {
  const items = ['abc', 0, -1, 1.5, 2 ** 53, 4, foreign.stationId];
  const many = Array.from({ length: 501 }, (_, n) => n + 1);
  const lists = [many, [stations[0], foreign.stationId], ...items.map((item) => [item])];
  const { form, json } = kind(...lists);
  const noLists = json.filter((value) => !Array.isArray(value) || value.length > 0);
  return { form, json: [...noLists, 5, [null], [{}], [[stations[0]]], ['\ud800']] };
};

const userKinds = () => ({
  alarm_email: flag,
  alarm_sms: flag,
  alarm_voice: flag,
  timezone_pref_id: integerOf(1, 3),
  company_id: companyId(),
  email,
  member_level_id: integerOf(1, 4),
  name: textOf(1, 100),
  sms: phone,
  phone,
  station_ids: stationIds(),
  status: flag,
});
const stationKinds = {
  name: textOf(2, 100),
  code: textOf(4, 20),
  reporting: integerOf(120, 86_400),
  ref_logger_id: id,
  status: flag,
  location: allowing(null, textOf(2, 255)),
  latitude: degreesOf(90),
  longitude: degreesOf(180),
  timezone_name: timeZone,
};
const seconds = integerOf(1, 86_400);
const projectKinds = { name: textOf(1, 100), status: flag };
const sensorKinds = { ...projectKinds, reporting: seconds, logging: seconds };
const channelKinds = {
  ...projectKinds,
  unit_id: integerOf(1, 44),
  scale: decimalOf(1e12),
  offset: decimalOf(1e12),
  code: integerOf(0, 9_999),
};

/** Each kind in `fields`, those that `names` lists also refused where they are missing. */
const needing = (fields: Record<string, Kind>, ...names: string[]) => ({
  ...fields,
  ...Object.fromEntries(names.map((name) => [name, required(fields[name] as Kind)])),
});

const newPlace = () => ({
  name: 'A station',
  code: fresh('code'),
  reporting: 900,
  ref_logger_id: 12,
});

interface Spec {
  /** What would be done, were one field not refused. */
  good: () => Fields;
  kinds: () => Record<string, Kind>;
}

/** What must be there, and what is unlike elsewhere. */
const ownSpecs: Record<string, Spec> = {
  'POST /authenticate': {
    good: () => ({ email: 'nobody@example.com', password: PASSWORD }),
    kinds: () =>
      needing(
        { email: textOf(1, 254), password: typed, company_id: id, code: textOf(1, 100) },
        'email',
        'password',
      ),
  },
  'POST /password-reset': {
    good: () => ({ email: 'nobody@example.com' }),
    kinds: () => needing({ email }, 'email'),
  },
  'POST /password': {
    good: () => ({ reset_token: 'lk_rst_unknown', password: PASSWORD }),
    kinds: () => needing({ reset_token: textOf(1, 200), password }, 'reset_token', 'password'),
  },
  'POST /user': {
    good: () => memberFields(tenant, { sms: NUMBER }),
    kinds: () => {
      const { sms, phone, station_ids, company_id, alarm_voice, timezone_pref_id, ...others } =
        userKinds();
      const needed = needing(others, ...Object.keys(others));
      // A form without stations means none.
      return {
        ...needed,
        alarm_voice,
        timezone_pref_id,
        company_id,
        sms,
        phone,
        station_ids: { ...required(station_ids), form: station_ids.form },
      };
    },
  },
  'PATCH /user/{id}': {
    good: () => ({ name: 'Changed', phone: NUMBER }),
    kinds: () => ({ ...userKinds(), end_minted: flag }),
  },
  'DELETE /user/{id}': { good: () => ({ end_minted: 0 }), kinds: () => ({ end_minted: flag }) },
  'PATCH /user/me': {
    good: () => ({ name: 'Changed', password: PASSWORD, old_password: PASSWORD }),
    kinds: () => {
      const { email, company_id, member_level_id, station_ids, status, ...own } = userKinds();
      return { ...own, password, old_password: required(typed) };
    },
  },
  'POST /project': {
    good: () => ({ name: 'A project' }),
    kinds: () => needing(projectKinds, 'name'),
  },
  'POST /project/{id}/station': {
    good: newPlace,
    kinds: () => needing(stationKinds, 'name', 'code', 'reporting', 'ref_logger_id'),
  },
  'POST /station/{id}/sensor': {
    good: () => ({ name: 'A sensor' }),
    kinds: () => needing(sensorKinds, 'name'),
  },
  'POST /sensor/{id}/channel': {
    good: () => ({ name: 'A channel', unit_id: 1 }),
    kinds: () => needing(channelKinds, 'name', 'unit_id'),
  },
};

const KINDS: Record<string, () => Record<string, Kind>> = {
  user: userKinds,
  project: () => projectKinds,
  station: () => stationKinds,
  sensor: () => sensorKinds,
  channel: () => channelKinds,
};

/** The body of each call that has one, as the reference says. */
const documented = new Map(
  Object.entries<Json>(reference.paths).flatMap(([path, operations]) =>
    Object.entries<Json>(operations).flatMap(([method, { requestBody }]): [string, Json][] =>
      requestBody
        ? [[`${method.toUpperCase()} ${path}`, requestBody.content['application/json'].schema]]
        : [],
    ),
  ),
);

/**
 * A call whose fields are those of its noun: what they may be is known, and what it sends is in the
 * table.
 */
const specOf = (call: string, { properties, required: must = [] }: Json): Spec => ({
  good: () => {
    const entry = restOperations[call.replace('{id}', ':id')];
    const [email, password, resetToken] = ['nobody@example.com', PASSWORD, 'lk_rst_unknown'];
    const on = { email, password, resetToken, label: fresh('label') };
    return {
      ...entry?.body?.({ ...on, tenantId: tenant.id, stationId: stations[0] as number }),
    };
  },
  kinds: () => {
    const known = KINDS[/(\w+)(\/\{id\})?$/.exec(call)?.[1] ?? '']?.() ?? {};
    const fields = Object.keys(properties).map((name) => {
      const kind = known[name];
      if (kind) return [name, must.includes(name) ? required(kind) : kind] as const;
      throw new Error(`Say in test/rest/input.test.ts what "${name}" of ${call} is never.`);
    });
    return Object.fromEntries(fields);
  },
});

const specs: Record<string, Spec> = Object.fromEntries(
  [...documented].map(([call, schema]) => [call, ownSpecs[call] ?? specOf(call, schema)]),
);
const calls = Object.keys(specs);
/** What is removed may come without a body. */
const demanding = calls.filter((call) => !call.startsWith('DELETE'));

const verdictOf = ({ status, errors }: RestAnswer): string =>
  `${status} ${Object.keys(errors ?? {}).join()}`;

const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

describe('each field', () => {
  it('of each route with a body is looked at here', () => {
    const here = calls.map((call) => [call, Object.keys(specs[call]?.kinds() ?? {}).sort()]);
    const fields = [...documented].map(([call, { properties }]) => [
      call,
      Object.keys(properties).sort(),
    ]);
    expect(here).toEqual(fields);
    expect(Object.keys(ownSpecs).filter((call) => !documented.has(call))).toEqual([]);
  });

  it.each(calls)(
    'of %s is refused by its name where it is not what it must be',
    async (call) => {
      const { good, kinds } = specs[call] as Spec;
      await expectNoChange(async () => {
        const wrong: string[] = [];
        for (const [name, { json, form }] of Object.entries(kinds())) {
          const fields = (value: unknown): Fields => ({
            ...without(good(), name),
            ...(value === undefined ? {} : { [name]: value }),
          });
          const deep = JSON.stringify(fields('@')).replace('"@"', DEEP);
          const bodies: [string, unknown, Body][] = [
            ['JSON', DEEP, deep],
            ...json.map((value): [string, unknown, Body] => ['JSON', value, fields(value)]),
            ...forms.flatMap(([encoding, encode]) =>
              form.map((value): [string, unknown, Body] => [
                encoding,
                value,
                encode(fields(value)),
              ]),
            ),
          ];
          for (const [encoding, value, body] of bodies) {
            const verdict = verdictOf(await send(call, body, body === deep ? JSON_TYPE : {}));
            if (verdict !== `422 ${name}`) {
              wrong.push(`${name} ${encoding} ${JSON.stringify(value)?.slice(0, 40)}: ${verdict}`);
            }
          }
        }
        return wrong;
      }, []);
    },
    60_000,
  );

  it('that is wrong is named, beside the others that are', async () => {
    await expectNoChange(
      () => send('POST /project/{id}/station', { name: 'x', code: 'xxx', reporting: 119 }),
      {
        status: 422,
        body: {
          errors: true,
          message: {
            errors: {
              name: 'Must be 2 to 100 characters long.',
              code: 'Must be 4 to 20 characters long.',
              reporting: 'Must be from 120 to 86400.',
              ref_logger_id: 'Is missing.',
            },
          },
        },
      },
    );
  });
});

describe('what no field is wrong in by itself', () => {
  const cases: Record<string, [string, string, () => Fields][]> = {
    '422 station_ids': [
      [
        'level 1 with stations',
        'POST /user',
        () => ({ member_level_id: 1, station_ids: stations }),
      ],
      ['level 1 for who has stations', 'PATCH /user/{id}', () => ({ member_level_id: 1 })],
      ['stations for level 1', 'PATCH /user/{head}', () => ({ station_ids: stations })],
    ],
    '422 alarm_sms': [
      ['alarms to no number', 'POST /user', () => ({ alarm_sms: 1, sms: null })],
      ['alarms for who has no number', 'PATCH /user/{id}', () => ({ alarm_sms: 1 })],
      [
        'alarms for oneself without one',
        'PATCH /user/{me}',
        () => ({ alarm_sms: 1, phone: NUMBER }),
      ],
      ['alarms and no number', 'PATCH /user/{alarmed}', () => ({ alarm_sms: 1, sms: null })],
      ['clearing where alarms go', 'PATCH /user/{alarmed}', () => ({ sms: null })],
    ],
    '409 email': [
      ['an e-mail address in use', 'POST /user', () => ({ email: head.email })],
      ['the same in capitals', 'POST /user', () => ({ email: head.email.toUpperCase() })],
      ['another’s e-mail address', 'PATCH /user/{id}', () => ({ email: head.email })],
      ['the same in capitals', 'PATCH /user/{id}', () => ({ email: head.email.toUpperCase() })],
    ],
    '409 code': [
      ['a code in use', 'POST /project/{id}/station', () => ({ code })],
      ['another’s code', 'PATCH /station/{id}', () => ({ code })],
    ],
    '422 reset_token': [['a token that nobody was given', 'POST /password', () => ({})]],
    '422 old_password': [
      ['a new password without the old', 'PATCH /user/{me}', () => ({ password: PASSWORD })],
    ],
  };
  let code: string;

  beforeAll(async () => {
    code = (await make(`GET /station/${stations[1]}`)).code;
  });

  it.each(
    Object.entries(cases).flatMap(([verdict, rows]) =>
      rows.map((row) => [verdict, ...row] as const),
    ),
  )('is refused with %s: %s, by %s', async (verdict, _, call, fields) => {
    const rest = call.startsWith('POST') ? specs[call]?.good() : {};
    for (const [encoding, encode] of encodings) {
      await expectNoChange(
        async () => ({
          encoding,
          verdict: verdictOf(await send(call, encode({ ...rest, ...fields() }))),
        }),
        { encoding, verdict },
      );
    }
  });
});

describe('an id in a path', () => {
  const paths = Object.entries<Json>(reference.paths).flatMap(([path, operations]) =>
    path.includes('{id}')
      ? Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`)
      : [],
  );

  it.each(paths)('that is none is not found: %s', async (call) => {
    const noIds = ['abc', '0', '-1', '1.5', '1e3', '07', '+7', '9007199254740992', '9'.repeat(400)];
    const odd = ['%00', '%ED%A0%80', '%E0%A4%A', '__proto__', 'null', '%20', "1'--", '1%2F2'];
    await expectNoChange(async () => {
      const wrong: string[] = [];
      for (const id of [...noIds, ...odd]) {
        const body = specs[call]?.good();
        const answer = verdictOf(await rest(world, head.token, call.replace('{id}', id), body));
        if (answer !== '404 id') wrong.push(`${id}: ${answer}`);
      }
      return wrong;
    }, []);
  });
});

describe('a body', () => {
  const part = '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nChanged';
  const unreadable: [string, string, string][] = [
    ['that is cut off', 'application/json', '{"name":"Changed"'],
    ['of two objects', 'application/json', '{"name":"Changed"}{}'],
    ['that is empty', 'application/json', ''],
    ['that is a form', 'application/json', 'name=Changed'],
    ['that is a list', 'application/json', '[{"name":"Changed"}]'],
    ['that is null', 'application/json', 'null'],
    ['that is a text', 'application/json', '"name"'],
    ['that is a number', 'application/json', '1'],
    ['of brackets only', 'application/json', DEEP],
    ['of brackets that nobody closes', 'application/json', '{"name":['.repeat(5_000)],
    ['that is JSON', 'multipart/form-data; boundary=x', '{"name":"Changed"}'],
    ['without a boundary', 'multipart/form-data', `${part}\r\n--x--\r\n`],
    ['with another boundary', 'multipart/form-data; boundary=y', `${part}\r\n--x--\r\n`],
    ['that is cut off', 'multipart/form-data; boundary=x', part],
    ['that is empty', 'multipart/form-data; boundary=x', ''],
  ];

  /** Changes a project by a body as it is. */
  const sendRaw = (body: BodyInit, headers: Record<string, string> = JSON_TYPE) =>
    world.send(`/project/${ids.project}`, head.token, { method: 'PATCH', headers, body });

  it.each(unreadable)(
    '%s, and says it is %s, is 400',
    async (_, type, body) => {
      for (const call of body === '' ? demanding : calls) {
        await expectNoChange(() => send(call, body, { 'Content-Type': type }), {
          status: 400,
          errors: { body: expect.any(String) },
        });
      }
    },
    20_000,
  );

  it.each([
    ['', 'It is empty'],
    ['name=Changed&status=1', 'It looks like a form'],
    ["{'name': 'Changed'}", 'double quotes'],
    ['{name: "Changed"}', 'double quotes'],
    ['{"name": \'Changed\'}', 'double quotes'],
    ['{"status": True}', 'in lower case'],
    ['{"name": "Changed", }', 'a comma before a closing bracket'],
    ['{"status": undefined}', 'a variable without a value'],
    ['{"name": "Changed"', 'Its end is missing'],
    ['{"name": "Changed"} "secret"', ''],
  ])('of no JSON is told why: %s', async (body, why) => {
    const { status, errors } = await send('POST /project', body, JSON_TYPE);
    expect(status).toBe(400);
    expect(errors?.body).toContain(why);
    expect(errors?.body).not.toMatch(/Changed|secret/);
  });

  it.each(['text/plain', 'application/xml', 'application/jsonp', 'application/json/x', 'json', ''])(
    'of type "%s" is 415',
    async (type) => {
      for (const call of calls) {
        await expectNoChange(() => send(call, '{"name":"Changed"}', { 'Content-Type': type }), {
          status: 415,
          errors: { body: expect.stringContaining('application/json') },
        });
      }
    },
    20_000,
  );

  it('that is not there, or does not say what it is, is 415', async () => {
    for (const call of demanding) {
      await expectNoChange(() => send(call), { status: 415, errors: { body: expect.any(String) } });
    }
    const bytes = new TextEncoder().encode('{"name":"Changed"}');
    await expectNoChange(() => sendRaw(bytes, {}), { status: 415 });
  });

  it('of JSON that is not in UTF-8 is 400', async () => {
    const latin1 = Uint8Array.from('{"name":"é"}', (character) => character.charCodeAt(0));
    await expectNoChange(() => sendRaw(latin1), { status: 400 });
  });

  it('may be a megabyte large', async () => {
    await done(send('PATCH /project/{id}', '{"name":"Changed"}'.padEnd(1_000_000), JSON_TYPE));
  });

  it.each([
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])(
    'of %s that is larger is 413',
    async (type) => {
      const body = 'name=Changed'.padEnd(1_000_001);
      for (const call of calls) {
        await expectNoChange(() => send(call, body, { 'Content-Type': type }), {
          status: 413,
          errors: { body: expect.any(String) },
        });
      }
    },
    20_000,
  );

  it('of who need not be known is small: more than 64 KB is 413', async () => {
    for (const call of ['POST /authenticate', 'POST /password', 'POST /password-reset']) {
      const statusOf = async (bytes: number) =>
        (await rest(world, null, call, ' '.repeat(bytes), JSON_TYPE)).status;
      expect(await statusOf(64_000)).toBe(400);
      expect(await statusOf(64_001)).toBe(413);
    }
  });

  it('is not read where who sends it has no credential', async () => {
    for (const call of ['POST /user', `PATCH /project/${ids.project}`]) {
      const answer = await rest(world, null, call, ' '.repeat(1_000_001), JSON_TYPE);
      expect(answer.status).toBe(401);
    }
  });

  it('that is larger, and does not say so before, is 413', async () => {
    const pieces = ['{"name":"', ...Array<string>(20).fill('x'.repeat(100_000)), '"}'];
    const body = new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    });
    await expectNoChange(() => sendRaw(body), { status: 413 });
  });

  it('may say its type in any letter case, and its charset', async () => {
    for (const type of [
      'application/JSON',
      'application/json;charset=utf-8',
      'Application/Json ; x',
    ]) {
      await done(send('PATCH /project/{id}', '{"name":"Changed"}', { 'Content-Type': type }));
    }
  });

  it('may hold files, which are no field’s value', async () => {
    const form = new FormData();
    form.append('name', new File(['Changed'], 'name.txt'));
    await expectNoChange(() => send('PATCH /project/{id}', form), {
      status: 422,
      errors: { name: expect.any(String) },
    });
  });
});

describe('a page', () => {
  const lists = Object.entries<Json>(reference.paths)
    .filter(([, { get }]) => get?.parameters?.some((one: Json) => one.in === 'query'))
    .map(([path]) => `GET ${path}`);

  it.each(lists)('that cannot be is refused: %s', async (call) => {
    for (const query of [
      'page=0',
      'page=-1',
      'page=1.5',
      'page=abc',
      'page=1000001',
      'page=%00',
      'per_page=0',
      'per_page=101',
      'per_page=abc',
    ]) {
      const { status, errors } = await send(`${call}?${query}`);
      expect({ query, status, named: Object.keys(errors ?? {}) }).toEqual({
        query,
        status: 422,
        named: [query.split('=')[0]],
      });
    }
  });

  it.each(lists)(
    'past the last is empty, and one without a number is the first: %s',
    async (call) => {
      const first = await done(send(call));
      expect(first.paging).toMatchObject({ page: 1, per_page: 100 });
      expect(await done(send(`${call}?page=&per_page=&more=1`))).toEqual(first);
      const [list] = Object.keys(first);
      const past = await done(send(`${call}?page=1000000&per_page=100`));
      expect(past[list as string]).toEqual([]);
      expect(past.paging.total).toBe(first.paging.total);
    },
  );
});

describe('fields that nobody knows', () => {
  it('are ignored beside others, and named in a header', async () => {
    const plain = await make('POST /project', { name: 'A project' });
    const more = { id: 1, company_id: foreign.companyId, public_key: 'mine', created_at: 'never' };
    for (const [, encode] of encodings) {
      const project = await make('POST /project', encode({ name: 'A project', ...more }));
      const { id, public_key, created_at, updated_at } = project;
      expect(project).toEqual({ ...plain, id, public_key, created_at, updated_at });
      expect([id === 1, public_key === 'mine', created_at]).toEqual([
        false,
        false,
        expect.stringMatching(TIME),
      ]);
    }
  });

  it('are no way to a prototype', async () => {
    const fields = '{"status":0,"name":"From a prototype"}';
    const proto = `"__proto__":${fields},"constructor":{"prototype":${fields}}`;
    const form =
      '__proto__[status]=0&__proto__.name=x&__proto__=1&constructor[prototype][status]=0';
    const named = send('POST /project', `{"name":"A project",${proto}}`, JSON_TYPE);
    expect((await done(named)).project).toMatchObject({ name: 'A project', status: 1 });
    const again = await make('POST /project', new URLSearchParams(`name=A project&${form}`));
    expect(again).toMatchObject({ name: 'A project', status: 1 });
    for (const nameless of [
      () => send('POST /project', `{${proto}}`, JSON_TYPE),
      () => send('POST /project', new URLSearchParams(form)),
    ]) {
      await expectNoChange(nameless, { status: 422, errors: { name: 'Is missing.' } });
    }
  });
});

describe('the three encodings', () => {
  const name = 'Zoë 🌊 & +50% = 2';
  const reporting = 86_400;
  const degrees = { latitude: '-52.398056', longitude: '0.262222' };
  const place = { location: 'Ely', ...degrees, timezone_name: 'Europe/London' };
  const created: [string, Fields][] = [
    [
      'POST /user',
      {
        ...{ name, sms: NUMBER, phone: NUMBER, alarm_sms: 1, alarm_email: 1, status: 0 },
        ...{ alarm_voice: 1, timezone_pref_id: 2 },
      },
    ],
    ['POST /project', { name, status: 0 }],
    ['POST /project/{id}/station', { name, reporting, ref_logger_id: 2 ** 53 - 1, ...place }],
    ['POST /station/{id}/sensor', { name, status: 0, reporting, logging: 1 }],
    ['POST /sensor/{id}/channel', { name, unit_id: 18, scale: -1e-7, offset: 0.5, code: 7 }],
  ];

  it.each(created)(
    'give the same, and the same again changes nothing: %s',
    async (call, fields) => {
      const noun = call.split('/').at(-1);
      for (const [, encode] of encodings) {
        const sent: Fields = { ...specs[call]?.good(), ...fields };
        const { station_ids: _, ...kept } = sent;
        const one = await make(call, encode(sent));
        expect(one).toMatchObject(kept);
        const same = await make(`PATCH /${noun}/${one.id}`, encode(sent));
        expect({ ...same, updated_at: one.updated_at }).toEqual(one);
      }
    },
  );

  it('have lists, which may be empty or left out', async () => {
    const [one, other] = stations as [number, number];
    const both = [one, other].sort();
    const assigned = async (body: Body) => {
      const { user_stations } = await make('PATCH /user/{id}', body);
      return user_stations.map(({ station_id }: Json) => station_id).sort();
    };
    for (const [, encode] of encodings) {
      expect(await assigned(encode({ station_ids: [one, other, one] }))).toEqual(both);
      expect(await assigned(encode({ name: 'A name' }))).toEqual(both);
      expect(await assigned(encode({ station_ids: [other] }))).toEqual([other]);
      expect(await assigned(encode({ station_ids: [] }))).toEqual([]);
    }
    for (const form of [
      `station_ids[0]=${one}&station_ids[1]=${other}`,
      `station_ids=${one}&station_ids=${other}`,
      `station_ids%5B%5D=${one}&station_ids%5B%5D=${other}&station_ids%5B%5D=`,
    ]) {
      expect(await assigned(new URLSearchParams(form))).toEqual(both);
    }
  });
});

const DEFAULT_PLACE = {
  status: 1,
  location: null,
  latitude: '0.000000',
  longitude: '0.000000',
  timezone_name: 'UTC',
  timezone: '+00:00',
};

describe.each(forms)('an empty value: %s', (_, encode) => {
  const emptied = (fields: Fields) =>
    encode(Object.fromEntries(Object.keys(fields).map((name) => [name, ''])));

  it('leaves a user as it was, but for the numbers', async () => {
    const { station_ids, ...more } = memberFields(tenant, { sms: NUMBER, phone: NUMBER });
    const user = await make('POST /user', encode({ ...more, station_ids: stations }));
    const changed = await make(`PATCH /user/${user.id}`, emptied(more));
    expect(changed).toEqual({ ...user, sms: null, phone: null });
  });

  it('leaves a station as it was, but for the location', async () => {
    const fields = { ...newPlace(), location: 'Ely', latitude: '1', longitude: '2', status: 0 };
    const station = await make('POST /project/{id}/station', encode(fields));
    const changed = await make(`PATCH /station/${station.id}`, emptied(fields));
    expect(changed).toEqual({ ...station, location: null, updated_at: changed.updated_at });
  });

  it('or none is the same where something is created', async () => {
    const optional = { status: '', location: '', latitude: '', longitude: '', timezone_name: '' };
    const { station_ids, ...member } = memberFields(tenant);
    for (const more of [optional, {}]) {
      const station = await make('POST /project/{id}/station', encode({ ...newPlace(), ...more }));
      expect(station).toMatchObject(DEFAULT_PLACE);
    }
    for (const more of [{ sms: '', phone: '', station_ids: [] }, {}]) {
      const email = `${fresh('someone')}@example.com`;
      const user = await make('POST /user', encode({ ...member, email, ...more }));
      expect(user).toMatchObject({ sms: null, phone: null, user_stations: [] });
    }
  });
});

describe('what is left out', () => {
  it('of a project or a station is its default', async () => {
    const project = await make('POST /project', { name: 'x' });
    expect(project).toMatchObject({ name: 'x', status: 1, company_id: Number(tenant.id) });
    const fields = newPlace();
    const station = await make('POST /project/{id}/station', fields);
    expect(station).toMatchObject({ ...fields, ...DEFAULT_PLACE, sui: fields.code });
  });

  it('of a sensor comes from its station', async () => {
    const { id } = await make('POST /project/{id}/station', { ...newPlace(), reporting: 1234 });
    for (const [given, kept] of [
      [{}, { station_id: id, status: 1, reporting: 1234, logging: 1234 }],
      [{ reporting: 60 }, { reporting: 60, logging: 60 }],
      [{ logging: 60 }, { reporting: 1234, logging: 60 }],
    ]) {
      const sensor = await make(`POST /station/${id}/sensor`, { name: 'x', ...given });
      expect(sensor).toMatchObject(kept as Fields);
    }
  });

  it('of a channel is its place, and what changes no reading', async () => {
    const { id } = await make('POST /station/{id}/sensor', { name: 'x' });
    for (const code of [0, 1, 2]) {
      const channel = await make(`POST /sensor/${id}/channel`, { name: 'x', unit_id: 1 });
      expect(channel).toMatchObject({ sensor_id: id, scale: 1, offset: 0, code, status: 1 });
    }
  });
});

describe('what comes back', () => {
  it.each([
    ['+15555555555', '+1 555 555 5555'],
    ['+1 (555) 555-5555', '+1 555 555 5555'],
    ['+1.555.555.5555', '+1 555 555 5555'],
    ['+442079460958', '+44 20 7946 0958'],
    ['+49-30-901820', '+49 30 901820'],
    [null, null],
  ])('has the number %s in international format', async (sent, kept) => {
    for (const [, encode] of encodings) {
      const user = await make('PATCH /user/{id}', encode({ sms: sent, phone: sent }));
      expect([user.sms, user.phone]).toEqual([kept, kept]);
    }
  });

  it.each([
    ['0', '0.000000'],
    ['-0', '0.000000'],
    ['-0.0000001', '0.000000'],
    ['90', '90.000000'],
    ['-90.000', '-90.000000'],
    ['52.3980564', '52.398056'],
    ['007.5', '7.500000'],
    [-52.5, '-52.500000'],
  ])('has the degrees %s with six decimals', async (sent, kept) => {
    for (const [, encode] of encodings) {
      const fields = encode({ latitude: sent, longitude: sent });
      const { latitude, longitude } = await make('PATCH /station/{id}', fields);
      expect([latitude, longitude]).toEqual([kept, kept]);
    }
  });

  it('has e-mail addresses in small letters, and one’s own is free in any case', async () => {
    const email = `${fresh('Someone')}@Example.COM`;
    const user = await make('POST /user', memberFields(tenant, { email }));
    expect(user.email).toBe(email.toLowerCase());
    expect(await make(`PATCH /user/${user.id}`, { email: email.toUpperCase() })).toEqual(user);
  });

  it('has times in UTC, to the second', async () => {
    const before = Math.floor(Date.now() / 1000);
    const project = await make('POST /project', { name: 'x' });
    const station = await make(`POST /project/${project.id}/station`, newPlace());
    const fields = memberFields(tenant, { station_ids: [station.id] });
    const { user_stations } = await make('POST /user', fields);
    for (const { created_at, updated_at } of [project, station, ...user_stations]) {
      expect(created_at).toMatch(TIME);
      expect(updated_at).toBe(created_at);
      const second = Date.parse(`${created_at.replace(' ', 'T')}Z`) / 1000;
      expect(second >= before && second <= Date.now() / 1000).toBe(true);
    }
  });

  it.each([
    ['project', 'name', 100],
    ['station', 'code', 20],
    ['station', 'location', 255],
  ])(
    'has all characters of the longest text that fits: of a %s its %s',
    async (noun, field, most) => {
      const longest = '🌊'.repeat(most);
      expect((await make(`PATCH /${noun}/{id}`, { [field]: longest }))[field]).toBe(longest);
    },
  );
});
