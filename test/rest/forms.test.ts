/** Bodies as clients write them: values in forms, unknown fields, and all errors at once. */
import { beforeAll, describe, expect, it } from 'vitest';
import { unlimited } from '../doubles/limits.ts';
import {
  env,
  expectNoChange,
  fresh,
  type Json,
  newKey,
  newTenant,
  newWorld,
  operator,
  type Tenant,
} from '../world.ts';
import { done, memberFields, newProject, newStaff, newStation, rest } from './company.ts';

const world = newWorld({ TRIES_BY_ADDRESS: unlimited, TRIES_BY_ACCOUNT: unlimited });
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

let tenant: Tenant;
let head: { id: number; token: string; email: string };
let project: Json;
let stations: [number, number];
let user: Json;

const send = (call: string, body?: object | string, headers?: Record<string, string>) =>
  rest(world, head.token, call, body, headers);

/** A form as it goes over the wire. */
const sendForm = (call: string, body: string) => send(call, body, FORM);

beforeAll(async () => {
  tenant = await newTenant(world);
  head = await newStaff(world, tenant, 1);
  project = await newProject(world, head.token);
  const place = async () => (await newStation(world, head.token, project.id)).id as number;
  stations = [await place(), await place()];
  user = (await done(send('POST /user', memberFields(tenant)))).user;
});

describe('a flag', () => {
  const yes = ['1', 'true', 'True', 'TRUE', 'on', 'On'];
  const no = ['0', 'false', 'False', 'FALSE', 'off', 'OFF'];

  it.each([...yes.map((text) => [text, 1]), ...no.map((text) => [text, 0])])(
    'that a client writes as %s is %s, in each encoding',
    async (text, status) => {
      const form = new FormData();
      form.append('status', String(text));
      for (const body of [form, new URLSearchParams({ status: String(text) }), { status: text }]) {
        const other = { status: 1 - Number(status) };
        await done(send(`PATCH /project/${project.id}`, other));
        const changed = await done(send(`PATCH /project/${project.id}`, body));
        expect(changed.project.status).toBe(status);
      }
    },
  );

  it('may stand in a query string', async () => {
    const { id } = (await done(send('POST /user', memberFields(tenant)))).user;
    await done(send(`DELETE /user/${id}?end_minted=False`));
  });
});

describe('a telephone number', () => {
  const SMS = '+1 555 555 5555';

  it.each([
    'sms=+1 555 555 5555',
    'sms=+1+555+555+5555',
    'sms=+15555555555',
    'sms=%201%20555%20555%205555',
    'sms=+(1)555-555-5555',
    'sms=%2B1 555 555 5555',
  ])('is read with the "+" that the form took from it: %s', async (body) => {
    const changed = await done(sendForm(`PATCH /user/${user.id}`, `${body}&phone=`));
    expect([changed.user.sms, changed.user.phone]).toEqual([SMS, null]);
  });

  it('without a country code stays refused, and nothing is added where none is lost', async () => {
    const form = new FormData();
    form.append('sms', ' 1 555 555 5555');
    for (const refuse of [
      () => sendForm(`PATCH /user/${user.id}`, 'sms=555 555 5555'),
      () => send(`PATCH /user/${user.id}`, { sms: ' 1 555 555 5555' }),
      () => send(`PATCH /user/${user.id}`, form),
    ]) {
      await expectNoChange(refuse, { status: 422, errors: { sms: expect.any(String) } });
    }
  });
});

describe('a list', () => {
  const assigned = (changed: Json): number[] =>
    changed.user.user_stations.map(({ station_id }: Json) => station_id).sort();

  it('is written in many ways, all of which are read', async () => {
    const [one, two] = stations;
    for (const body of [
      `station_ids=${one},${two}`,
      `station_ids[]=${one},${two}`,
      `station_ids=${one}, ${two},`,
      `station_ids=[${one}, ${two}]`,
      `station_ids%5B0%5D=${one}&station_ids%5B1%5D=${two}`,
      `station_ids=${one}&station_ids=${two}`,
      `station_ids[]=${one}&station_ids[]=${two}`,
    ]) {
      await done(send(`PATCH /user/${user.id}`, { station_ids: [] }));
      const changed = await done(sendForm(`PATCH /user/${user.id}`, body));
      expect([body, assigned(changed)]).toEqual([body, [one, two].sort()]);
      const form = new FormData();
      for (const [name, value] of new URLSearchParams(body)) form.append(name, value);
      const same = await done(send(`PATCH /user/${user.id}`, form));
      expect(assigned(same)).toEqual([one, two].sort());
    }
    for (const empty of ['station_ids=', 'station_ids[]=', 'station_ids=[]']) {
      await done(send(`PATCH /user/${user.id}`, { station_ids: stations }));
      expect(assigned(await done(sendForm(`PATCH /user/${user.id}`, empty)))).toEqual([]);
    }
  });

  it('of what are no ids, or of too many, is refused', async () => {
    const many = Array.from({ length: 501 }, (_, n) => n + 1).join();
    for (const body of ['station_ids=1;2', 'station_ids=a,b', `station_ids=${many}`]) {
      await expectNoChange(() => sendForm(`PATCH /user/${user.id}`, body), {
        status: 422,
        errors: { station_ids: expect.any(String) },
      });
    }
  });
});

describe('what a form has lost', () => {
  it.each([
    ['name=Tom & Jerry', 'name'],
    ['status=1&name=Tom&Jerry&alarm_email=0', 'name'],
    ['station_ids[]=1&2', 'station_ids'],
    ['name&status=1', 'body'],
    [`name=x&${'y'.repeat(5_000)}`, 'name'],
  ])('is told where an "&" cuts a value off: %s', async (body, field) => {
    await expectNoChange(() => sendForm(`PATCH /user/${user.id}`, body), {
      status: 422,
      errors: { [field]: expect.stringContaining('write it as "%26"') },
    });
  });

  it('is told without repeating what may be a part of a password', async () => {
    const body = 'email=ada@example.com&password=a lamp&a shutter';
    const { status, body: told } = await sendForm('POST /authenticate', body);
    expect(status).toBe(422);
    expect(Object.keys(told.message.errors)).toEqual(['password']);
    expect(JSON.stringify(told)).not.toContain('shutter');
  });

  it('is nothing where parts are empty, or the "&" is encoded', async () => {
    const { user: changed } = await done(
      sendForm(`PATCH /user/${user.id}`, '&name=Tom %26 Jerry&&status=1&'),
    );
    expect(changed.name).toBe('Tom & Jerry');
  });

  it('is told where an e-mail address has a blank for its "+"', async () => {
    const lost = { status: 422, errors: { email: expect.stringContaining('%2B') } };
    const [before, after] = [fresh('ada'), 'lamp@example.com'];
    await expectNoChange(
      () => sendForm(`PATCH /user/${user.id}`, `email=${before}+${after}`),
      lost,
    );
    const twice = await sendForm(`PATCH /user/${user.id}`, `email=${before}+x+${after}`);
    expect(twice.errors?.email).toContain('%2B');
    const plain = await send(`PATCH /user/${user.id}`, { email: 'ada at example.com' });
    expect(plain.errors?.email).not.toContain('%2B');
    const signIn = (email: string) =>
      sendForm('POST /authenticate', `email=${email}&password=whatever it is`);
    expect(await signIn(`${before}+${after}`)).toMatchObject({ ...lost, status: 400 });
    expect((await signIn(`${before}%2B${after}`)).errors?.email).not.toContain('%2B');
  });
});

describe('a number', () => {
  it.each(['01', '1.0', '+1', '1e0', '0x1', ' 1', '1 ', '-0'])(
    'is written as JSON writes it, and not as %j',
    async (text) => {
      for (const body of [{ member_level_id: text, status: text }]) {
        const form = new URLSearchParams(body);
        for (const sent of [form, body]) {
          await expectNoChange(() => send(`PATCH /user/${user.id}`, sent), {
            status: 422,
            errors: { member_level_id: expect.any(String), status: 'Must be 0 or 1.' },
          });
        }
      }
    },
  );
});

describe('a name', () => {
  it.each([' ', '\u00a0\u2003', '\u200b\u2060', '\u3164', '\ufe0f \u00ad'])(
    'is none where nothing is to be seen: %j',
    async (blank) => {
      const name = blank.padEnd(2, blank);
      for (const [call, more] of [
        ['POST /user', memberFields(tenant)],
        ['PATCH /user/me', {}],
        ['POST /project', {}],
        [`PATCH /project/${project.id}`, {}],
        [`PATCH /station/${stations[0]}`, {}],
        [`POST /station/${stations[0]}/sensor`, {}],
      ] as const) {
        await expectNoChange(() => send(call, { ...more, name }), {
          status: 422,
          errors: { name: 'Must not be blank.' },
        });
      }
      for (const [by, mutation, input] of [
        [tenant.key, 'addApiKey', { name, scopes: ['users:read'] }],
        [operator, 'addIntermediary', { name }],
        [operator, 'updateIntermediary', { id: tenant.id, name }],
      ] as const) {
        await expectNoChange(() => world.call(by, mutation, input), {
          success: false,
          errors: [{ code: 'INVALID', path: ['input', 'name'] }],
        });
      }
    },
  );
});

describe('an empty text in JSON', () => {
  it.each(['sms', 'phone'])('is refused as %s, with what stands for none', async (field) => {
    const { errors } = await send(`PATCH /user/${user.id}`, { [field]: '' });
    expect(errors?.[field]).toContain('or null');
  });

  it('is refused as location, likewise', async () => {
    const { errors } = await send(`PATCH /station/${stations[0]}`, { location: '' });
    expect(errors?.location).toBe('Must be 2 to 255 characters long, or null.');
  });
});

describe('half a position', () => {
  const missing = (half: string) => ({
    status: 422,
    errors: { [half]: 'Is missing: latitude and longitude are given together.' },
  });

  it('is refused, naming the other half', async () => {
    const at = { code: fresh('half'), name: 'Half', reporting: 900, ref_logger_id: 1 };
    for (const [half, other] of [
      ['latitude', 'longitude'],
      ['longitude', 'latitude'],
    ] as const) {
      const add = `POST /project/${project.id}/station`;
      const form = new URLSearchParams({
        ...at,
        reporting: '900',
        ref_logger_id: '1',
        [half]: '7',
      });
      form.append(other, '');
      for (const body of [{ ...at, [half]: '7' }, form]) {
        await expectNoChange(() => send(add, body), missing(other));
      }
      const change = `PATCH /station/${stations[0]}`;
      await expectNoChange(() => send(change, { [half]: '7' }), missing(other));
      await done(send(change, { [half]: '0' }));
    }
  });

  it('is fine where the other half is stored', async () => {
    const change = `PATCH /station/${stations[1]}`;
    await done(send(change, { latitude: '0', longitude: '7' }));
    const { station } = await done(send(change, { latitude: '52.4' }));
    expect(station).toMatchObject({ latitude: '52.400000', longitude: '7.000000' });
    await done(send(change, { longitude: 0 }));
  });
});

describe('a field that the call does not have', () => {
  const typos = 'statoin_ids[]=1&memberlevel=2';
  const calls = (): string[] => [
    `PATCH /user/${user.id}`,
    'PATCH /user/me',
    'POST /user',
    `DELETE /user/${user.id}`,
    'POST /project',
    `PATCH /project/${project.id}`,
    `POST /project/${project.id}/station`,
    `PATCH /station/${stations[0]}`,
    'POST /authenticate',
    'POST /password',
  ];

  it('is told, where there is no other, with those that the call has', async () => {
    for (const call of calls()) {
      for (const body of [new URLSearchParams(typos), { statoin_ids: [1], memberlevel: 2 }]) {
        await expectNoChange(() => send(call, body), {
          status: 422,
          errors: {
            body: expect.stringContaining('Its fields are: '),
            statoin_ids: 'This call has no such field.',
            memberlevel: 'This call has no such field.',
          },
        });
      }
    }
    const { errors } = await sendForm(`PATCH /user/${user.id}`, typos);
    expect(errors?.body).toContain('station_ids');
    expect(errors?.body).toContain('member_level_id');
  });

  it('is told with those that are missing', async () => {
    const { errors } = await send('POST /project', { nmae: 'A project' });
    expect(Object.keys(errors ?? {})).toEqual(['body', 'nmae', 'name']);
  });

  it('is not told to whom may not call', async () => {
    const { secret } = await newKey(world, tenant, ['users:read']);
    const asked = rest(world, secret, 'POST /project', { nmae: 'A project' });
    expect(await asked).toMatchObject({ status: 403, errors: { permission: expect.any(String) } });
  });

  it('is named in a header beside others that are known, be these at fault', async () => {
    const mine = await send('PATCH /user/me', { name: 'Changed', email: 'new@example.com' });
    expect([mine.status, mine.headers.get('X-Latchkey-Ignored')]).toEqual([200, 'email']);
    expect(mine.data.user.email).toBe(head.email);
    const wrong = await sendForm(`PATCH /user/${user.id}`, `name=&status=7&${typos}`);
    expect([wrong.status, wrong.headers.get('X-Latchkey-Ignored')]).toEqual([
      422,
      'statoin_ids, memberlevel',
    ]);
    const query = await send('GET /user?perpage=5');
    expect([query.status, query.headers.get('X-Latchkey-Ignored')]).toEqual([200, 'perpage']);
    const plain = await send('PATCH /user/me', { name: 'Changed' });
    expect(plain.headers.has('X-Latchkey-Ignored')).toBe(false);
  });

  it('may have any name: the header stays one line, and short', async () => {
    const names = [
      'a\r\nSet-Cookie: x',
      'ß',
      '__proto__',
      '\ud800',
      'user[name]',
      '',
      'x'.repeat(900),
    ];
    const more = Object.fromEntries(names.map((name) => [name, 1]));
    const { status, headers } = await send(
      `PATCH /project/${project.id}`,
      JSON.stringify({ name: 'x', ...more }).replace('"":1', '"":1,"__proto__":1'),
      { 'Content-Type': 'application/json' },
    );
    expect(status).toBe(200);
    const ignored = headers.get('X-Latchkey-Ignored') ?? '';
    expect(ignored).toMatch(/^[\x20-\x7e]+$/);
    expect(ignored).toContain('__proto__');
    expect(ignored).toContain('user[name]');
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`field${n}`, n]));
    const crowd = await send(`PATCH /project/${project.id}`, { name: 'x', ...many });
    expect(crowd.headers.get('X-Latchkey-Ignored')?.length).toBeLessThan(1_010);
    const none = await send(`PATCH /project/${project.id}`, many);
    expect(none.status).toBe(422);
    expect(JSON.stringify(none.body).length).toBeLessThan(16_384);
  });

  it('is named to pages of other origins, too', async () => {
    const open = newWorld({ CORS_ORIGINS: '*' });
    const { headers } = await rest(open, head.token, 'GET /user', undefined, {
      Origin: 'https://a',
    });
    expect(headers.get('Access-Control-Expose-Headers')).toContain('X-Latchkey-Ignored');
  });
});

describe('all faults of a body are told at once', () => {
  it('of a user who is created: what is wrong in itself, and what is stored', async () => {
    const fields = memberFields(tenant, {
      company_id: 32,
      email: head.email,
      member_level_id: 'admin',
      name: '',
      sms: '5',
      status: 7,
      station_ids: [4],
    });
    await expectNoChange(() => send('POST /user', fields), {
      status: 422,
      errors: {
        company_id: `Must be your own company’s id: ${tenant.id}.`,
        member_level_id: 'Must be a whole number from 1 to 4.',
        name: expect.any(String),
        sms: expect.any(String),
        status: 'Must be 0 or 1.',
        email: expect.stringContaining('Another user'),
      },
    });
    const { errors } = await send('POST /user', { ...fields, member_level_id: 2 });
    expect(errors?.station_ids).toContain('no such station');
  });

  it.each([32, 'acme', 0, null, ''])('and of company_id = %s the right one', async (company_id) => {
    const right = `Must be your own company’s id: ${tenant.id}.`;
    for (const call of ['POST /user', `PATCH /user/${user.id}`]) {
      const { status, errors } = await send(call, { company_id });
      expect([call, status, errors?.company_id]).toEqual([call, 422, right]);
    }
    // An empty value of a form is an absent one, and one's own company is meant then.
    const form = new URLSearchParams({ company_id: String(company_id ?? '') });
    const { errors } = await send('POST /user', form);
    expect(errors?.company_id).toBe(form.get('company_id') === '' ? undefined : right);
  });

  it('of a user who is changed', async () => {
    const { errors } = await send(`PATCH /user/${user.id}`, {
      company_id: 32,
      name: '',
      email: head.email,
      alarm_sms: 1,
      sms: null,
      station_ids: [4],
    });
    expect(Object.keys(errors ?? {}).sort()).toEqual(
      ['alarm_sms', 'company_id', 'email', 'name', 'station_ids'].sort(),
    );
  });

  it('but nothing that may not be so once the others are mended', async () => {
    const { errors } = await send(`PATCH /user/${user.id}`, { alarm_sms: 1, sms: '5' });
    expect(Object.keys(errors ?? {})).toEqual(['sms']);
  });

  it('of oneself and of a station', async () => {
    const own = await send('PATCH /user/me', { name: '', alarm_sms: 1, password: 'x'.repeat(20) });
    expect(Object.keys(own.errors ?? {}).sort()).toEqual(
      ['alarm_sms', 'name', 'old_password', 'password'].sort(),
    );
    const { code } = (await done(send(`GET /station/${stations[1]}`))).station;
    const added = await send(`POST /project/${project.id}/station`, { code, name: 'x' });
    const changed = await send(`PATCH /station/${stations[0]}`, { code, name: 'x' });
    for (const { errors } of [added, changed]) {
      expect(errors).toMatchObject({ code: expect.stringContaining('Another station') });
      expect(errors).toMatchObject({ name: expect.stringContaining('2 to 100') });
    }
  });

  it('and a user of another company stays as unknown as one that nobody has', async () => {
    const other = await newTenant(world, 'Other');
    const theirs = await newStaff(world, other, 2);
    const fields = { name: '', email: theirs.email, company_id: 32 };
    const answers = [];
    for (const id of [theirs.id, 4]) answers.push((await send(`PATCH /user/${id}`, fields)).body);
    expect(answers[0]).toEqual(answers[1]);
    const taken = await send('POST /user', memberFields(tenant, { email: theirs.email, name: '' }));
    expect(Object.keys(taken.errors ?? {})).toEqual(['name']);
  });
});

it('a form tells which fields were sent, no more', async () => {
  await done(sendForm(`PATCH /project/${project.id}`, `name=${fresh('name')}&unknown=1`));
  const row = await env.DB.prepare(
    "SELECT subject FROM audit_events WHERE action = 'project.update' ORDER BY number DESC LIMIT 1",
  ).first<{ subject: string }>();
  expect(JSON.parse(row?.subject ?? '{}').fields).toEqual(['name']);
});
