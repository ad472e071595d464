/** Devices: the operator's inventory, and what a tenant sees of its own. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Device,
  env,
  expectNoChange,
  fresh,
  freshDeviceId,
  grant,
  type Json,
  newDevice,
  newDevices,
  newSession,
  newTenant,
  newUser,
  newWorld,
  operator,
  refused,
  succeed,
  type Tenant,
} from '../world.ts';

const world = newWorld();
let tenant: Tenant;
let neighbour: Tenant;
/** The tenant's and the neighbour's, which no test changes. */
let ours: Device;
let theirs: Device;

beforeAll(async () => {
  tenant = await newTenant(world);
  neighbour = await newTenant(world, 'Neighbour');
  [ours, theirs] = [await newDevice(world, tenant), await newDevice(world, neighbour)];
});

const add = (devices: object[], intermediaryId = tenant.id) =>
  world.call(operator, 'addDevices', { intermediaryId, devices }, 'devices { deviceId meterId }');
const remove = (deviceIdentifiers: object[], intermediaryId = tenant.id) => {
  const input = { intermediaryId, deviceIdentifiers };
  return world.call(operator, 'removeDevices', input, 'devices { deviceId meterId }');
};
const removeAll = (deviceIdentifier: object) =>
  world.call(
    tenant.key,
    'removeAllDevicePermissions',
    { deviceIdentifier },
    'modifiedPermissions { deviceId permission user { id } }',
  );
const find = (deviceIdentifier: object, key = tenant.key): Promise<Json> =>
  world.ask(
    key,
    `query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) { deviceId meterId } }`,
    { d: deviceIdentifier },
  );
const permissions = async (deviceId: string, args = ''): Promise<Json[]> =>
  (
    await world.ask(
      tenant.key,
      `query ($d: DeviceIdentifierInput!) { device(deviceIdentifier: $d) {
        permissions${args} { user { id } deviceId meterId permission expiresAt } } }`,
      { d: { deviceId } },
    )
  ).permissions;

const newOne = () => ({ deviceId: freshDeviceId(), meterId: fresh('meter') });

/** A new device on which two users hold both permissions. */
async function shared() {
  const device = await newDevice(world, tenant);
  const users = [await newUser(world, tenant), await newUser(world, tenant)];
  for (const { identifier } of users) {
    await grant(world, tenant, identifier, [device]);
    await grant(world, tenant, identifier, [device], 'addChargingPermission');
  }
  const ids = users.map(({ id }) => id).sort((a, b) => Number(a) - Number(b));
  const held = ids.flatMap((id) =>
    ['CHARGE', 'VIEW'].map((permission) => ({ permission, user: { id } })),
  );
  return { device, ids, held };
}

describe('addDevices', () => {
  it('assigns devices, with or without a meter, case mattering in their ids', async () => {
    const id = freshDeviceId();
    const devices = [
      newOne(),
      { deviceId: id, meterId: null },
      { deviceId: id.toLowerCase(), meterId: '~ !'.repeat(21) },
    ];
    expect(await add(devices)).toEqual({ success: true, errors: [], devices });
    for (const device of devices) {
      expect(await find({ deviceId: device.deviceId })).toEqual(device);
    }
  });

  it('leaves a device that is so assigned as it is, and records nothing', async () => {
    const device = newOne();
    const done = { success: true, errors: [], devices: [device] };
    expect(await add([device])).toEqual(done);
    await expectNoChange(() => add([device]), done);
    await expectNoChange(() => add([{ deviceId: device.deviceId }]), done);
  });

  it('warns of devices whose ids differ in letter case alone, and does what was said', async () => {
    const id = `${freshDeviceId().slice(0, 6)}xX`;
    const [upper, lower, other] = [id.toUpperCase(), id.toLowerCase(), `${id.slice(0, 7)}x`];
    const addTo = async (intermediaryId: string | null, ...deviceIds: string[]) => {
      const devices = deviceIds.map((deviceId) => ({ deviceId }));
      const input = { intermediaryId, devices };
      return (await succeed(world.call(operator, 'addDevices', input, 'warnings'))).warnings;
    };
    expect(await addTo(neighbour.id, upper)).toEqual([]);
    expect(await addTo(null, lower)).toEqual([
      `${lower} is not the same device as ${upper}, which intermediary ${neighbour.id} has: ` +
        'case matters.',
    ]);
    expect((await addTo(tenant.id, freshDeviceId(), other)).sort()).toEqual(
      [
        `${other} is not the same device as ${lower}, which is in stock: case matters.`,
        `${other} is not the same device as ${upper}, which intermediary ${neighbour.id} ` +
          'has: case matters.',
      ].sort(),
    );
    expect(await find({ deviceId: other })).toEqual({ deviceId: other, meterId: null });
    expect(await find({ deviceId: upper })).toBeNull();
  });

  const stocked = async (search: string): Promise<Json[]> =>
    (
      await world.ask(
        operator,
        'query ($search: String) { inventory(first: 9, assigned: false, search: $search) { ' +
          'nodes { deviceId intermediary { id } } } }',
        { search },
      )
    ).nodes;

  it('takes new devices into stock where no intermediary is named', async () => {
    const [one, two] = [freshDeviceId(), freshDeviceId()];
    const stock = (...deviceIds: string[]) => {
      const devices = deviceIds.map((deviceId) => ({ deviceId }));
      return world.call(operator, 'addDevices', { devices }, 'devices { deviceId meterId }');
    };
    const added = { success: true, devices: [{ deviceId: one, meterId: null }] };
    expect(await stock(one)).toMatchObject(added);
    expect(await stocked(one)).toEqual([{ deviceId: one, intermediary: null }]);
    await expectNoChange(() => stock(one), added);
    const device = { deviceId: one, meterId: fresh('meter') };
    expect((await succeed(add([device]))).devices).toEqual([device]);
    expect(await stocked(one)).toEqual([]);
    await expectNoChange(() => stock(two, one), refused('CONFLICT devices.1.deviceId'));
    await expectNoChange(
      () => world.call(operator, 'addDevices', { devices: [newOne(), { deviceId: two }] }),
      refused('INVALID devices.0.meterId'),
    );
    const input = { devices: [{ deviceId: two }] };
    const { errors } = await world.graphql(
      tenant.key,
      'mutation ($input: AddDevicesInput!) { addDevices(input: $input) { success } }',
      { input },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('takes 500 devices a call, but not 501', async () => {
    const devices = Array.from({ length: 501 }, newOne);
    await expectNoChange(() => add(devices), refused('INVALID devices'));
    expect((await succeed(add(devices.slice(1)))).devices).toEqual(devices.slice(1));
  });

  it('lets two tenants have meters of the same id', async () => {
    const { meterId } = await newDevice(world, neighbour);
    const device = { deviceId: freshDeviceId(), meterId };
    expect((await succeed(add([device]))).devices).toEqual([device]);
  });

  it('judges a list by its end: meters are swapped, and moved along', async () => {
    const [one, two, three] = await newDevices(world, tenant, 3);
    const user = await newUser(world, tenant);
    await grant(world, tenant, user.identifier, [one as Device, two as Device]);
    const { accessToken } = await newSession(world, tenant, user.identifier);
    const ids = [one, two, three].map((device) => device?.deviceId ?? '');
    const meters = [one, two, three].map((device) => device?.meterId ?? '');
    const assigned = (...order: string[]) =>
      order.map((meterId, nth) => ({ deviceId: ids[nth] ?? '', meterId }));
    const deviceAt = async (meterId = '') =>
      (await world.send(`/verify/${tenant.id}?meter=${meterId}`, accessToken)).headers.get(
        'X-Latchkey-Device',
      );
    const [a = '', b = '', c = ''] = meters;
    expect(await Promise.all(meters.map(deviceAt))).toEqual([ids[0], ids[1], null]);

    const swapped = assigned(b, a);
    expect(await add(swapped)).toEqual({ success: true, errors: [], devices: swapped });
    expect(await find({ meterId: a })).toEqual({ deviceId: ids[1], meterId: a });
    expect(await Promise.all(meters.map(deviceAt))).toEqual([ids[1], ids[0], null]);

    const turned = assigned(c, b, a);
    expect(await add(turned)).toEqual({ success: true, errors: [], devices: turned });
    const moved = assigned(a, fresh('meter'), b).toReversed();
    expect(await add(moved)).toEqual({ success: true, errors: [], devices: moved });
    await expectNoChange(
      () => add([...assigned(b), { deviceId: ids[2] ?? '', meterId: null }]),
      refused('CONFLICT devices.0.meterId'),
    );
    await expectNoChange(
      () => add([...assigned(b), { ...ours, deviceId: ids[2] ?? '' }]),
      refused('CONFLICT devices.1.meterId'),
    );
  });

  it('turns the meters of 500 devices in a call', async () => {
    const devices = Array.from({ length: 500 }, newOne);
    await succeed(add(devices));
    const turned = devices.map(({ deviceId }, nth) => ({
      deviceId,
      meterId: devices.at(nth - 1)?.meterId,
    }));
    expect((await succeed(add(turned))).devices).toEqual(turned);
  });

  const [twin, { deviceId, meterId }] = [newOne(), newOne()];
  it.each<[string, () => object[], string[]]>([
    ['no device', () => [], ['INVALID devices']],
    ['a device twice', () => [twin, { ...twin, meterId }], ['INVALID devices.1.deviceId']],
    ['a meter twice', () => [twin, { ...twin, deviceId }], ['INVALID devices.1.meterId']],
    ['another tenant’s device', () => [twin, theirs], ['CONFLICT devices.1.deviceId']],
    ['a meter taken', () => [twin, { ...ours, deviceId }], ['CONFLICT devices.1.meterId']],
    [
      'several things, naming each',
      () => [theirs, twin, { ...ours, deviceId }],
      ['CONFLICT devices.0.deviceId', 'CONFLICT devices.2.meterId'],
    ],
  ])('refuses the whole list for %s', async (_, devices, errors) => {
    await expectNoChange(() => add(devices()), refused(...errors));
  });

  it.each([
    ['deviceId', ['', 'DEV0001', 'DEV000001', 'DÉV00001', 'DEV-0001', 'DEV0001\n']],
    ['meterId', ['', 'm'.repeat(65), 'zähler', 'a\tb', 'a\n']],
  ])('refuses the whole list for a malformed %s', async (field, ids) => {
    const devices = [twin, ...ids.map((id) => ({ ...newOne(), [field]: id }))];
    const errors = ids.map((_, index) => `INVALID devices.${index + 1}.${field}`);
    await expectNoChange(() => add(devices), refused(...errors));
  });

  it.each([
    ['an unknown', '7', 'NOT_FOUND'],
    ['a malformed', 'x', 'INVALID'],
  ])('refuses %s tenant', async (_, id, code) => {
    await expectNoChange(() => add([twin], id), refused(`${code} intermediaryId`));
  });
});

describe('addDevices as a dry run', () => {
  const FIELDS = 'preview { deviceId meterId effect message } devices { deviceId } warnings';
  const preview = (devices: object[], intermediaryId?: string) =>
    world.call(operator, 'addDevices', { intermediaryId, devices, dryRun: true }, FIELDS);

  it('tells what would become of each device, and changes nothing', async () => {
    const [fresh1, stocked, mineAgain] = [newOne(), newOne(), await newDevice(world, tenant)];
    const changed = { ...mineAgain, meterId: fresh('meter') };
    const stock = { devices: [{ deviceId: stocked.deviceId }] };
    await succeed(world.call(operator, 'addDevices', stock));
    const { meterId } = await newDevice(world, tenant);
    const taken = { deviceId: freshDeviceId(), meterId };
    const list = [fresh1, stocked, ours, { deviceId: theirs.deviceId }, changed, taken];
    await expectNoChange(() => preview(list, tenant.id), {
      success: true,
      devices: null,
      preview: [
        { ...fresh1, effect: 'ADDED', message: null },
        { ...stocked, effect: 'ASSIGNED', message: null },
        { ...ours, effect: 'UNCHANGED', message: null },
        {
          ...{ deviceId: theirs.deviceId, meterId: null, effect: 'REFUSED' },
          message: expect.stringContaining('another intermediary'),
        },
        { ...changed, effect: 'CHANGED', message: null },
        { ...taken, effect: 'REFUSED', message: expect.stringContaining('has this meterId') },
      ],
      warnings: [],
    });
    // It happens so.
    await succeed(add([fresh1, stocked, ours, changed]));
    expect(await find({ deviceId: changed.deviceId })).toEqual(changed);
  });

  it('into stock, and for what is refused whatever the devices are', async () => {
    const { deviceId } = newOne();
    const into = await preview([{ deviceId }, { deviceId: ours.deviceId }]);
    expect(into.preview.map(({ effect }: Json) => effect)).toEqual(['ADDED', 'REFUSED']);
    for (const [devices, intermediaryId, refusal] of [
      [[newOne()], undefined, 'INVALID devices.0.meterId'],
      [[{ deviceId }, { deviceId }], tenant.id, 'INVALID devices.1.deviceId'],
      [[{ deviceId }], '4503599627370496', 'NOT_FOUND intermediaryId'],
    ] as const) {
      const answer = () => preview([...devices], intermediaryId);
      await expectNoChange(answer, refused(refusal));
    }
  });
});

describe('removeDevices', () => {
  it('takes devices back: their grants end, their meters are forgotten', async () => {
    const { device, held } = await shared();
    expect(await permissions(device.deviceId)).toHaveLength(held.length);
    const { deviceId, meterId } = device;
    expect(await remove([{ deviceId }, { meterId }])).toEqual({
      success: true,
      errors: [],
      devices: [device],
    });
    expect(await find({ deviceId })).toBeNull();
    expect(await find({ meterId })).toBeNull();
    await succeed(add([{ deviceId }, { ...newOne(), meterId }]));
    expect(await find({ deviceId })).toEqual({ deviceId, meterId: null });
    expect(await permissions(deviceId)).toEqual([]);
  });

  it('leaves alone what is unknown, in stock or another tenant’s', async () => {
    const stock = await newDevice(world, tenant);
    await succeed(remove([{ deviceId: stock.deviceId }]));
    const named = [freshDeviceId(), stock.deviceId, theirs.deviceId];
    const identifiers = [...named.map((deviceId) => ({ deviceId })), { meterId: theirs.meterId }];
    const none = { success: true, errors: [], devices: [] };
    await expectNoChange(() => remove(identifiers), none);
    await expectNoChange(() => remove([{ deviceId: ours.deviceId }], '7'), none);
  });
});

describe('device', () => {
  it('is found by either id', async () => {
    expect(await find({ deviceId: ours.deviceId })).toEqual(ours);
    expect(await find({ meterId: ours.meterId })).toEqual(ours);
  });

  it('is null when it is unknown or another tenant’s', async () => {
    for (const id of [
      { deviceId: freshDeviceId() },
      { deviceId: ours.deviceId.toLowerCase() },
      { deviceId: theirs.deviceId },
      { meterId: theirs.meterId },
    ]) {
      expect(await find(id)).toBeNull();
    }
  });

  it('shows the permissions of both kinds that every user has on it, with their ends', async () => {
    const { device, held } = await shared();
    const { id, identifier } = await newUser(world, tenant);
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    await grant(world, tenant, identifier, [device], 'addDevicePermissions', expiresAt);
    const all = [
      ...held.map((one) => ({ ...one, ...device, expiresAt: null })),
      { ...device, permission: 'VIEW', user: { id }, expiresAt },
    ];
    const shown = await permissions(device.deviceId);
    expect(shown).toHaveLength(all.length);
    expect(shown).toEqual(expect.arrayContaining(all));
    await env.DB.prepare('UPDATE permissions SET expires_at = 1 WHERE user_id = ?').bind(id).run();
    expect(await permissions(device.deviceId)).toHaveLength(held.length);
  });

  it('shows them in pages of users, by user id', async () => {
    const { device, ids, held } = await shared();
    const page = async (args: string) =>
      (await permissions(device.deviceId, args)).map(({ user, permission }) => ({
        user,
        permission,
      }));
    expect(await page('(first: 1)')).toEqual(held.slice(0, 2));
    expect(await page(`(first: 1, afterUser: "${ids[0]}")`)).toEqual(held.slice(2));
    expect(await page(`(afterUser: "${ids[1]}")`)).toEqual([]);
  });
});

describe('removeAllDevicePermissions', () => {
  it('ends both kinds for every user, on this device only', async () => {
    const { device, held } = await shared();
    const other = await shared();
    const { success, modifiedPermissions } = await removeAll({ meterId: device.meterId });
    expect(success).toBe(true);
    expect(modifiedPermissions).toHaveLength(held.length);
    expect(modifiedPermissions).toEqual(
      expect.arrayContaining(held.map((one) => ({ ...one, deviceId: device.deviceId }))),
    );
    expect(await permissions(device.deviceId)).toEqual([]);
    expect(await permissions(other.device.deviceId)).toHaveLength(other.held.length);
  });

  it('succeeds where nothing is granted, and for unknown and other tenants’ devices', async () => {
    const { identifier } = await newUser(world, neighbour);
    await grant(world, neighbour, identifier, [theirs]);
    const none = { success: true, errors: [], modifiedPermissions: [] };
    for (const deviceId of [ours.deviceId, theirs.deviceId, freshDeviceId()]) {
      await expectNoChange(() => removeAll({ deviceId }), none);
    }
  });
});

describe('devices', () => {
  const page = (key: string, first: number, after?: string | null) =>
    world.graphql(
      key,
      `query ($first: Int!, $after: String) { devices(first: $first, after: $after) {
        nodes { deviceId meterId } pageInfo { hasNextPage endCursor } } }`,
      { first, after },
    );

  it('come in pages by deviceId, the tenant’s own only, whatever comes in between', async () => {
    const owner = await newTenant(world);
    const many = await newDevices(world, owner, 5);
    const seen: Json[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo }: Json = (await page(owner.key, 2, after)).data.devices;
      seen.push(nodes);
      ({ hasNextPage: more, endCursor: after } = pageInfo);
      await succeed(add([{ deviceId: '00000000' }], owner.id));
    }
    expect(seen).toEqual([many.slice(0, 2), many.slice(2, 4), many.slice(4)]);
  });

  it('are found by how their id begins, case mattering', async () => {
    const owner = await newTenant(world);
    const deviceIds = ['Find0000', 'Find1000', 'fIND0000'];
    await succeed(
      add(
        deviceIds.map((deviceId) => ({ deviceId })),
        owner.id,
      ),
    );
    const found = async (search: string) =>
      (
        await world.ask(
          owner.key,
          `{ devices(first: 9, search: "${search}") { nodes { deviceId } } }`,
        )
      ).nodes.map(({ deviceId }: Json) => deviceId);
    expect(await found('Find')).toEqual(['Find0000', 'Find1000']);
    expect(await found('f')).toEqual(['fIND0000']);
    expect(await found('%')).toEqual([]);
  });
});

describe('inventory', () => {
  const LIST = `query ($first: Int!, $after: String, $assigned: Boolean, $search: String) {
    inventory(first: $first, after: $after, assigned: $assigned, search: $search) {
      nodes { deviceId meterId intermediary { id name } } pageInfo { hasNextPage endCursor } } }`;
  async function all(search: string, assigned: boolean | null = null, first = 100) {
    const seen: Json[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo }: Json = (
        await world.graphql(operator, LIST, { first, after, assigned, search })
      ).data.inventory;
      seen.push(...nodes);
      ({ hasNextPage: more, endCursor: after } = pageInfo);
    }
    return seen;
  }
  const ids = (devices: Json[]) => devices.map(({ deviceId }) => deviceId);
  const ASSIGNED = ['Stk000a1', 'sTK000A1', 'stk000b2', 'STK00zzz'];
  const IN_STOCK = ['STK000a1', 'stk000B2', 'stk000c3'];
  /** By id, letter case aside; then as bytes are. */
  const SORTED = [
    'STK000a1',
    'Stk000a1',
    'sTK000A1',
    'stk000B2',
    'stk000b2',
    'stk000c3',
    'STK00zzz',
  ];

  beforeAll(async () => {
    await succeed(add([...ASSIGNED, ...IN_STOCK].map((deviceId) => ({ deviceId }))));
    await succeed(remove(IN_STOCK.map((deviceId) => ({ deviceId }))));
  });

  it('tells whose each device is, and what is in stock', async () => {
    const [mine] = await all(ours.deviceId);
    const { name } = (await world.ask(tenant.key, '{ caller { intermediary { name } } }'))
      .intermediary;
    expect(mine).toEqual({ ...ours, intermediary: { id: tenant.id, name } });
    expect((await all(theirs.deviceId))[0].intermediary.id).toBe(neighbour.id);
    const [stock] = await all('stk000c3');
    expect(stock).toEqual({ deviceId: 'stk000c3', meterId: null, intermediary: null });
  });

  it.each([1, 2, 3, 100])('is in pages of %d by id, letter case aside', async (first) => {
    expect(ids(await all('stk0', null, first))).toEqual(SORTED);
    const those = (list: string[]) => SORTED.filter((id) => list.includes(id));
    expect(ids(await all('STK0', true, first))).toEqual(those(ASSIGNED));
    expect(ids(await all('sTk0', false, first))).toEqual(those(IN_STOCK));
    expect(ids(await all('STK000A', null, first))).toEqual(SORTED.slice(0, 3));
  });

  it('finds nothing by what no id begins with', async () => {
    for (const search of ['stk000c3x', '%', 'STK_', 'é', '\u{10ffff}']) {
      expect(await all(search)).toEqual([]);
    }
    const { errors } = await world.graphql(operator, LIST, { first: 1, search: '' });
    expect(errors?.[0].extensions).toEqual({ code: 'INVALID', path: ['search'] });
  });
});

describe('a device that is named wrongly, and is the tenant’s', () => {
  const GRANT = `mutation ($input: AddDevicePermissionsInput!) {
    addDevicePermissions(input: $input) { errors { code message path } } }`;
  const ENSURE = `mutation ($input: EnsureUserAccessInput!) {
    ensureUserAccess(input: $input) { errors { code message path } } }`;
  let who: object;
  beforeAll(async () => {
    who = (await newUser(world, tenant)).identifier;
    await succeed(add([{ deviceId: 'Mixed0aB', meterId: '87654321' }]));
    await succeed(add([{ deviceId: 'Theirs0a', meterId: '12345678' }], neighbour.id));
  });
  const UNKNOWN = 'No such device is assigned to you. Check the id.';
  const whole = async (key: string, query: string, variables: object): Promise<Json> => {
    const answer = await world.send('/graphql', key, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return answer.json();
  };

  it.each<[string, object, string]>([
    ['in other letters', { deviceId: 'mIXED0Ab' }, 'but Mixed0aB is: case matters'],
    ['by its meter', { deviceId: '87654321' }, 'the meterId of your device Mixed0aB'],
    ['by its id as a meter', { meterId: 'Mixed0aB' }, 'name it by "deviceId"'],
    ['another’s in other letters', { deviceId: 'THEIRS0A' }, UNKNOWN],
    ['another’s by its meter', { deviceId: '12345678' }, UNKNOWN],
    ['another’s by its id as a meter', { meterId: 'Theirs0a' }, UNKNOWN],
  ])('%s, is told as what it is', async (_, device, said) => {
    const input = { userIdentifier: who, deviceIdentifiers: [device] };
    for (const [name, mutation, list] of [
      ['addDevicePermissions', GRANT, 'deviceIdentifiers'],
      ['ensureUserAccess', ENSURE, 'chargingDeviceIdentifiers'],
    ] as const) {
      const { data } = await world.graphql(tenant.key, mutation, {
        input: { userIdentifier: who, [list]: input.deviceIdentifiers },
      });
      expect(data[name].errors).toEqual([
        {
          code: 'NOT_FOUND',
          message: expect.stringContaining(said),
          path: ['input', list, '0', ...Object.keys(device)],
        },
      ]);
    }
    const name = Object.keys(device)[0] ?? '';
    const { data, extensions } = await whole(
      tenant.key,
      `query ($d: DeviceIdentifierInput!, $c: CheckUserAccessInput!) {
        mine: device(deviceIdentifier: $d) { deviceId } checkUserAccess(input: $c) { devices {
        deviceId } } }`,
      { d: device, c: { ...input, deviceIdentifiers: [{ deviceId: 'Mixed0aB' }, device] } },
    );
    expect(data.mine).toBeNull();
    // What may have been meant is told of the tenant's own devices, and of nobody else's.
    const hint = { code: 'NOT_FOUND', message: expect.stringContaining(said) };
    expect(extensions.hints).toEqual(
      said === UNKNOWN
        ? undefined
        : [
            { field: 'mine', ...hint, path: ['deviceIdentifier', name] },
            { field: 'checkUserAccess', ...hint, path: ['input', 'deviceIdentifiers', '1', name] },
          ],
    );
    // A removal succeeds if there is nothing to remove, and gives a hint in case another device was
    // meant.
    const removals: [string, string, object][] = [
      [tenant.key, 'removeDevicePermissions', input],
      [tenant.key, 'removeChargingPermission', input],
      [tenant.key, 'removeAllDevicePermissions', { deviceIdentifier: device }],
      [
        operator,
        'removeDevices',
        { ...input, userIdentifier: undefined, intermediaryId: tenant.id },
      ],
    ];
    for (const [credential, field, input] of removals) {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`;
      const removal = `mutation ($input: ${type}) { ${field}(input: $input) { success } }`;
      const done = await whole(credential, removal, { input });
      expect(done.data[field]).toEqual({ success: true });
      const list = 'deviceIdentifier' in input ? ['deviceIdentifier'] : ['deviceIdentifiers', '0'];
      const told = credential === operator ? said.replace('your device', 'its device') : said;
      expect(done.extensions.hints).toEqual(
        said === UNKNOWN
          ? undefined
          : [
              {
                field,
                code: 'NOT_FOUND',
                message: expect.stringContaining(told),
                path: ['input', ...list, name],
              },
            ],
      );
    }
    const line = { externalId: fresh('line'), devicePermissions: [device] };
    const answer = await world.send('/import', tenant.key, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-ndjson' },
      body: JSON.stringify(line),
    });
    expect(await answer.text()).toContain(JSON.stringify(said).slice(1, -1));
  });
});
