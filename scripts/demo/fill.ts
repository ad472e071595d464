/** Fills a company and the inventory, so that every screen of the console has something to show. */
import { randomInt } from 'node:crypto';
import type { Calls, Refusable } from './calls.ts';
import { fillField } from './field.ts';

interface Company {
  operator: string;
  key: string;
  tenantId: string;
}

const text = (value: string): string => JSON.stringify(value);

/** Device ids that no earlier demo has: four letters and a number. */
function freshIds(many: number): string[] {
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(65 + randomInt(26))).join('');
  return Array.from({ length: many }, (_, at) => `${letters}${String(at + 1).padStart(4, '0')}`);
}

const devicesOf = (ids: string[], withMeters: boolean): string =>
  ids
    .map((id, at) => {
      const meter = withMeters ? `, meterId: ${text(`1LOG00650${10_000 + at}`)}` : '';
      return `{ deviceId: ${text(id)}${meter} }`;
    })
    .join(' ');

const CUSTOMERS = Array.from({ length: 14 }, (_, at) => `customer-${1001 + at}`);

const customer = (externalId: string): string =>
  `userIdentifier: { externalUser: { externalId: ${text(externalId)} } }`;

/** Mutations, one for each thing, by names as GraphQL wants them. */
const named = <Thing>(things: Thing[], mutation: (thing: Thing, at: number) => string) =>
  Object.fromEntries(things.map((thing, at) => [`m${at}`, mutation(thing, at)]));

const DAY_MS = 86_400_000;

const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** Each customer reads a device. Some may charge, some for a while only, some are signed in. */
async function addCustomers({ all, step }: Calls, { operator, key, tenantId }: Company) {
  const ids = freshIds(CUSTOMERS.length);
  await step(
    'The company gets devices',
    operator,
    `mutation { addDevices(input: {
      intermediaryId: ${text(tenantId)}, devices: [${devicesOf(ids, true)}] }) { success } }`,
  );
  await all(
    'It adds customers',
    key,
    named(CUSTOMERS, (id) => `addUser(input: { ${customer(id)} }) { success }`),
  );
  const device = (at: number) => `deviceIdentifiers: [{ deviceId: ${text(ids[at] ?? '')} }]`;
  await all(
    'It grants devices',
    key,
    named(CUSTOMERS, (id, at) => {
      const end = at % 3 === 2 ? `, expiresAt: ${text(inDays(10 * at))}` : '';
      return `addDevicePermissions(input: { ${customer(id)}, ${device(at)}${end} }) { success }`;
    }),
  );
  await all('It lets some charge, and opens sessions', key, {
    ...named(CUSTOMERS.slice(0, 6), (id, at) => {
      const end = at % 2 === 1 ? `, expiresAt: ${text(inDays(at))}` : '';
      return `addChargingPermission(input: { ${customer(id)}, ${device(at)}${end} }) { success }`;
    }),
    ...Object.fromEntries(
      CUSTOMERS.slice(0, 4).map((id, at) => [
        `s${at}`,
        `addUserSession(input: { ${customer(id)}, label: ${text(LABELS[at] ?? '')} }) { success }`,
      ]),
    ),
    suspended: `updateUser(input: { ${customer(CUSTOMERS[13] ?? '')}, suspended: true }) {
      success }`,
    withdrawn: `removeDevicePermissions(input: { ${customer(CUSTOMERS[12] ?? '')},
      ${device(12)} }) { success }`,
  });
  return ids;
}

const LABELS = ['Phone', 'Tablet in the kitchen', 'Phone of the second flat', 'Browser'];

/** How far orders are, each with the moves that lead there. */
const MOVES = [
  [],
  [],
  ['PROCESSING'],
  ['PROCESSING'],
  ['PROCESSING', 'SHIPPED'],
  ['PROCESSING', 'SHIPPED', 'DELIVERED'],
  ['PROCESSING', 'SHIPPED', 'RETURNED'],
  ['CANCELLED'],
] as const;

/** Orders of every status. They ship what the company has. */
async function addOrders({ all }: Calls, { operator, key, tenantId }: Company, ids: string[]) {
  const orderOf = (at: number) => text(`order-${2001 + at}`);
  await all(
    'It places orders',
    key,
    named([...MOVES], (_, at) => {
      const { [at]: id = '' } = CUSTOMERS;
      return `addOrder(input: { ${customer(id)}, orderId: ${orderOf(at)} }) { success }`;
    }),
  );
  const moves = MOVES.flatMap((moves, at) => moves.map((status) => [at, status] as const));
  await all(
    'The operator moves them on',
    operator,
    named(moves, ([at, status]) => {
      const link = text(`https://parcels.example/${2001 + at}`);
      const shipped = `, deviceId: ${text(ids[at] ?? '')}, trackingLink: ${link}`;
      const parcel = status === 'SHIPPED' ? shipped : '';
      return `updateOrder(input: { intermediaryId: ${text(tenantId)}, orderId: ${orderOf(at)},
        orderStatus: ${status}${parcel} }) { success }`;
    }),
  );
}

/** Keys as programs have them. */
const addKeys = ({ all }: Calls, { key }: Company) =>
  all('It adds keys', key, {
    app: `addApiKey(input: { name: "App backend", expiresAt: ${text(inDays(365))},
      scopes: ["users:read", "users:write", "permissions:write", "sessions:write"] }) { success }`,
    billing: `addApiKey(input: { name: "Billing", scopes: ["users:read", "orders:read"] }) {
      success }`,
  });

/** Customers, orders, keys, people and stations. */
export async function fillCompany(calls: Calls, company: Company): Promise<void> {
  await Promise.all([
    addCustomers(calls, company).then((ids) => addOrders(calls, company, ids)),
    addKeys(calls, company),
    fillField(calls, company.key, company.tenantId),
  ]);
}

const OTHERS = ['Harbour Solar', 'Northern Heat', 'Ötztal Strom'];

/** Devices in stock, and more companies, whose orders wait. A repeated demo adds no companies. */
export async function fillInventory({ step, all }: Calls, operator: string): Promise<void> {
  await step(
    'Devices come into stock',
    operator,
    `mutation { addDevices(input: { devices: [${devicesOf(freshIds(12), false)}] }) { success } }`,
  );
  const { nodes } = await step<Refusable & { nodes: { id: string }[] }>(
    'The operator looks for a company',
    operator,
    `{ intermediaries(first: 1, search: ${text(OTHERS[0] ?? '')}) { nodes { id } } }`,
  );
  if (nodes.length > 0) return;
  const added = await all<Refusable & { intermediary: { id: string }; secret: string }>(
    'The operator adds companies',
    operator,
    named(
      OTHERS,
      (name) => `addIntermediary(input: { name: ${text(name)} }) {
        success secret intermediary { id } }`,
    ),
  );
  await Promise.all(
    Object.values(added).map(async ({ secret, intermediary }, at) => {
      await step(
        'It gets devices',
        operator,
        `mutation { addDevices(input: { intermediaryId: ${text(intermediary.id)},
          devices: [${devicesOf(freshIds(3 + at), true)}] }) { success } }`,
      );
      await all('It has a customer, who waits for a device', secret, {
        user: `addUser(input: { ${customer('house-1')} }) { success }`,
        order: `addOrder(input: { ${customer('house-1')}, orderId: "order-1" }) { success }`,
      });
    }),
  );
}
