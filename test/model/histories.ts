/** Histories: calls drawn from small pools of names, so that they meet; alone, or some at once. */
import fc from 'fast-check';
import { type Draft, Earlier, FRESH, type Made, makeAtOnce, print } from './at-once.ts';
import type { CallName } from './calls.ts';
import { type Model, newModel, type Thing } from './model.ts';
import { newReal, type Real } from './real.ts';

class Calls implements fc.AsyncCommand<Model, Real> {
  readonly drafts: Draft[];
  constructor(drafts: Draft[]) {
    this.drafts = drafts;
  }
  check(): boolean {
    return true;
  }
  run(m: Model, r: Real): Promise<void> {
    return makeAtOnce(m, r, this.drafts);
  }
  toString(): string {
    const calls = this.drafts.map(print).join(' & ');
    return this.drafts.length > 1 ? `at once: ${calls}` : calls;
  }
}

const earlier = (made: Made) => fc.nat(3).map((back) => new Earlier(made, back));
// Most calls are about one tenant, one user and two devices, so that they meet.
const tenant = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(0, 0, 0, 0, 0, 1) },
  earlier('tenants'),
);
const externalId = fc.constantFrom('ann', 'ann', 'bob');
const email = fc.constantFrom('max@x.example', 'max@x.example', 'eve@x.example');
const who = fc.oneof({ weight: 3, arbitrary: externalId }, { weight: 1, arbitrary: email });
const device = fc.constantFrom(...['d0', 'd0', 'd0', 'd0', 'd1', 'd1', 'd1', 'd2', 'd3']);
const meter = fc.constantFrom('m0', 'm0', 'm1');
const one = fc.oneof({ weight: 5, arbitrary: device }, { weight: 2, arbitrary: meter });
const identifiers = fc.oneof(
  fc.tuple(one),
  fc.tuple(one),
  fc.array(one, { maxLength: 3, minLength: 2 }),
);
const kind = fc.constantFrom('VIEW' as const, 'CHARGE' as const);
const strict = fc.boolean();
const order = fc.constantFrom('o1', 'o2');
const code = fc.constantFrom('code-1', 'code-2');
const level = fc.constantFrom(1, 2, 3, 4);
const status = fc.constantFrom(0 as const, 1 as const, 1 as const);
const session = earlier('sessions');
const station = earlier('station');
const key = earlier('keys');
const member = earlier('members');
const person = fc.oneof(earlier('people'), member);
const stations = fc.uniqueArray(station, { maxLength: 2, selector: (one) => one.toJSON() });
/** Half of the calls over REST are made by members, and some by keys that the history has made. */
const by = fc.oneof(
  { weight: 3, arbitrary: key },
  { weight: 5, arbitrary: fc.constant(null) },
  { weight: 5, arbitrary: earlier('staff') },
  session,
);
const PASSWORDS = ['lamp-in-the-fourth-window', 'lamp-in-the-fifth-window'];
const password = fc.constantFrom(...PASSWORDS);
const login = fc.tuple(email, password).map((both) => `0 ${both.join(' ')}`);
const as = fc.constant(FRESH);
const maybe = <One>(one: fc.Arbitrary<One>) => fc.option(one, { nil: undefined });
const expiresAt = fc.constantFrom(
  ...[undefined, undefined, null, '2100-01-01T00:00:00.000Z', '2101-01-01T00:00:00.000Z'],
);
const orderStatus = fc.constantFrom(
  'PLACED',
  'PROCESSING',
  'PROCESSING',
  'DELIVERED',
  'CANCELLED',
  'RETURNED',
);
const some = fc.array(device, { maxLength: 2 });
const shown = fc.option(session);
const assigned = fc.uniqueArray(fc.record({ device, meter: fc.option(meter) }), {
  minLength: 1,
  maxLength: 2,
  selector: (one) => one.device,
});

type Pool = [name: CallName, weight: number, of: Record<string, fc.Arbitrary<unknown>>];

const field = (kind: Thing['kind'], weight: number, within: fc.Arbitrary<unknown>): Pool[] => {
  const common = { tenant, by, kind: fc.constant(kind), code };
  return [
    ['put', weight, { ...common, as, in: within }],
    ['change', weight, { ...common, thing: earlier(kind) }],
    ['drop', 2, { ...common, thing: earlier(kind) }],
  ];
};

/** What each call is made of, and how often it comes. */
const POOLS: Pool[] = [
  ['addUser', 7, { tenant, who: externalId }],
  ['removeUser', 1, { tenant, who }],
  ['updateUser', 2, { tenant, who, suspended: status.map((one) => one === 0) }],
  ['updateUser', 2, { tenant, who: externalId, newExternalId: externalId }],
  ['grant', 6, { tenant, who, kind, devices: identifiers, expiresAt }],
  ['withdraw', 3, { tenant, who, kind, devices: identifiers }],
  ['removeAllDevicePermissions', 1, { tenant, device: one }],
  ['addUserSession', 6, { tenant, who, as }],
  ['addUserSession', 5, { tenant, who: email, as }],
  ['addUserSession', 3, { tenant, who, as, key }],
  ['removeUserSession', 1, { tenant, session, byToken: fc.boolean() }],
  ['removeUserSessions', 1, { tenant, who }],
  ['revoke', 1, { tenant, session }],
  ['signOut', 1, { session }],
  ['ensureUserAccess', 4, { tenant, who, as, view: some, charge: some, session: shown }],
  ['checkUserAccess', 2, { tenant, who, kind, devices: identifiers, session: shown, strict }],
  ['verify', 1, { tenant, session, strict }],
  ['verify', 3, { tenant, session, strict, kind, device: one }],
  // A copy may lack what a member of level 1 has come to see, for some seconds: D1 is asked.
  ['verify', 1, { tenant, session, strict: fc.constant(true), station }],
  ['addOrder', 2, { tenant, who, order }],
  ['cancelOrder', 2, { tenant, order }],
  ['updateOrder', 3, { tenant, order, status: orderStatus, device: fc.constant(null) }],
  ['updateOrder', 2, { tenant, order, status: fc.constant('SHIPPED'), device }],
  ['addDevices', 3, { tenant, devices: assigned }],
  ['removeDevices', 1, { tenant, devices: identifiers }],
  ['addApiKey', 1, { tenant, as, byOperator: fc.boolean() }],
  ['rotateApiKey', 2, { tenant, as, key }],
  ['addApiKey', 2, { tenant, as, key, byOperator: fc.constant(false) }],
  ['removeApiKey', 1, { tenant, key, endMinted: fc.constant(false) }],
  ['removeApiKey', 2, { tenant, key, endMinted: fc.constant(true) }],
  ['postUser', 4, { tenant, by, email, level, status, stations }],
  ['patchUser', 3, { tenant, by, person, email: maybe(email), level: maybe(level) }],
  ['patchUser', 3, { tenant, by, person, status: maybe(status), stations: maybe(stations) }],
  ['patchUser', 1, { tenant, by, person: member, endMinted: fc.constant(true) }],
  ['deleteUser', 2, { tenant, by, person, endMinted: maybe(fc.boolean()) }],
  ['patchMe', 2, { session: earlier('staff'), passwords: maybe(fc.tuple(password, password)) }],
  ['resetPassword', 4, { tenant, by, person: member, as }],
  ['setPassword', 3, { reset: earlier('resets'), password }],
  ['authenticate', 2, { login: fc.oneof(earlier('logins'), earlier('logins'), login), as }],
  ...field('project', 1, fc.constant('')),
  ...field('station', 2, earlier('project')),
  ...field('sensor', 2, station),
  ...field('channel', 2, earlier('sensor')),
];

/**
 * Calls that run during the removal of a company may see it or not. An isolate keeps a key that it
 * has seen in memory.
 */
const ALONE: Pool[] = [
  ['addIntermediary', 1, {}],
  [
    'updateIntermediary',
    1,
    { tenant, name: fc.constantFrom('Acme', 'Ajax'), most: fc.constantFrom(null, 9_000) },
  ],
  ['removeIntermediary', 1, { tenant: fc.oneof(fc.constant(1), earlier('tenants')) }],
  ['useApiKey', 1, { key }],
];

const draftOf = (pools: Pool[]) =>
  fc.oneof(
    ...pools.map(([name, weight, of]) => ({
      weight,
      arbitrary: fc.record(of).map((args): Draft => ({ name, args })),
    })),
  );
const alone = draftOf([...POOLS, ...ALONE]).map((one) => new Calls([one]));
const atOnce = fc
  .array(draftOf(POOLS), { minLength: 2, maxLength: 4 })
  .map((some) => new Calls(some));

/** One call, or now and then up to four at once. */
export const histories = (maxCommands: number) =>
  fc.commands([alone, alone, alone, atOnce], { maxCommands, size: 'max' });

const ours = { tenant: 0, by: null };
/**
 * What every history begins with: two companies, devices, an end user with an order, a field, a
 * member who sees it.
 */
const BEGINNING: Draft[] = [
  { name: 'addIntermediary', args: {} },
  { name: 'addIntermediary', args: {} },
  { name: 'addDevices', args: { tenant: 0, devices: [{ device: 'd0', meter: 'm0' }] } },
  { name: 'addDevices', args: { tenant: 0, devices: [{ device: 'd1', meter: null }] } },
  { name: 'addDevices', args: { tenant: 1, devices: [{ device: 'd2', meter: 'm0' }] } },
  { name: 'addUser', args: { tenant: 0, who: 'ann' } },
  { name: 'addOrder', args: { tenant: 0, who: 'ann', order: 'o1' } },
  { name: 'addApiKey', args: { tenant: 0, as: 'k', byOperator: false } },
  { name: 'put', args: { ...ours, kind: 'project', in: '', code: '', as: 'p0' } },
  { name: 'put', args: { ...ours, kind: 'project', in: '', code: '', as: 'p1' } },
  { name: 'put', args: { ...ours, kind: 'station', in: 'p1', code: 'code-0', as: 's' } },
  { name: 'put', args: { ...ours, kind: 'sensor', in: 's', code: '', as: 'se' } },
  { name: 'put', args: { ...ours, kind: 'channel', in: 'se', code: '', as: 'ch' } },
  {
    name: 'postUser',
    args: { ...ours, email: 'max@x.example', level: 2, status: 1, stations: ['s'] },
  },
  { name: 'addUserSession', args: { tenant: 0, who: 'max@x.example', as: 'max' } },
];

const max = new Earlier('members', 0);
/** The member is of level 1, and has come in by a password, which takes its time. */
const RAISED: Draft[] = [
  { name: 'patchUser', args: { ...ours, person: max, level: 1, stations: [] } },
  { name: 'resetPassword', args: { ...ours, person: max, as: 'reset' } },
  { name: 'setPassword', args: { reset: 'reset', password: PASSWORDS[0] } },
  { name: 'authenticate', args: { login: new Earlier('logins', 0), as: 'in' } },
];

export async function begin(isRaised: boolean): Promise<{ model: Model; real: Real }> {
  const [model, real] = [newModel(), newReal()];
  for (const one of [...BEGINNING, ...(isRaised ? RAISED : [])]) {
    await makeAtOnce(model, real, [one]);
  }
  return { model, real };
}
