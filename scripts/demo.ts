/**
 * `npm run demo`: from an empty database to a shipped order and a station in the field. Prints each
 * call as a curl command that can be pasted, with its real response.
 */
// biome-ignore-all lint/style/noExcessiveLinesPerFile: it tells one story.
import { randomBytes, randomInt } from 'node:crypto';
import { callsTo, type Refusable } from './demo/calls.ts';
import { fillCompany, fillInventory } from './demo/fill.ts';
import { tellWaysIn } from './demo/ways-in.ts';
import { localOperatorKey, readOptions, readUrl, stop } from './local.ts';
import { expectServed } from './reach.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { keepFromProxy } from './tools.ts';

const values = readOptions('npm run demo -- [--url http://127.0.0.1:8787] [--key lk_op_…]', {
  url: { type: 'string', default: 'http://127.0.0.1:8787' },
  /** The operator key. Left out: the one in .dev.vars. */
  key: { type: 'string' },
});

keepFromProxy();
const url = readUrl(values.url);

const { send, attempt, step, rest } = callsTo({ url, isTold: true });

const operator = values.key ?? localOperatorKey();
// The output from here on contains the key.
await expectServed(url);
const text = (value: string) => JSON.stringify(value);
const deviceId = `DEMO${randomInt(1000, 9999)}`;
const user = `userIdentifier: { externalUser: { externalId: "END_USER_ID" } }`;

const { intermediary, secret: key } = await step<
  Refusable & { intermediary: { id: string }; secret: string }
>(
  'The operator adds a company, which gets its first API key',
  operator,
  'mutation { addIntermediary(input: { name: "Demo Energy" }) { success intermediary { id ' +
    'companyId } secret } }',
);
const tenant = `intermediaryId: ${text(intermediary.id)}`;

/** Deliveries come to this machine from nowhere but this machine. */
const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);

interface Hook {
  id: string;
  receiver: Receiver;
}

/** Null: this deployment takes no webhook to this machine. */
async function addHook(): Promise<Hook | null> {
  const receiver = await openReceiver();
  const added = await attempt<Refusable & { webhook: { id: string }; secret: string }>(
    'It has what becomes of orders sent to a receiver of its own, which this demo has started',
    key,
    `mutation { addWebhook(input: { url: ${text(receiver.url)}, types: ["order.*"] }) {
      success errors { code message path } webhook { id url types } secret } }`,
  );
  if (!added) {
    receiver.close();
    console.log(
      '\nWithout WEBHOOKS_INSECURE=on in .dev.vars it takes none here: that is left out.',
    );
    return null;
  }
  receiver.trust(added.secret);
  return { id: added.webhook.id, receiver };
}

const DELIVERY_SECONDS = 15;

/** Waits for the events of both moves, shows them, and disables the webhook: nobody listens. */
async function showDeliveries({ id, receiver }: Hook): Promise<void> {
  for (const what of ['the first move', 'the second']) {
    const { headers, event } = await receiver
      .next(DELIVERY_SECONDS)
      .catch((error: Error) => stop(`\n${error.message}`));
    console.log(`\nThe receiver was told of ${what}, and the signature is good:`);
    for (const [name, value] of Object.entries(headers)) console.log(`${name}: ${value}`);
    console.log(JSON.stringify(event, null, 2));
  }
  receiver.close();
  await step(
    'Nobody listens there any more: it disables the webhook',
    key,
    `mutation { updateWebhook(input: { id: ${text(id)}, enabled: false }) {
      success webhook { enabled lastDelivery { at status } } } }`,
  );
}

await step(
  'The operator assigns a meter reader to it',
  operator,
  `mutation { addDevices(input: {
    ${tenant}, devices: [{ deviceId: ${text(deviceId)}, meterId: "METERID" }] }) {
    success errors { code message path } devices { deviceId meterId } } }`,
);
await step(
  'The company creates a user by its own id',
  key,
  `mutation { addUser(input: { ${user} }) { success user { id userIdentifier { externalUser ` +
    '{ externalId } } } } }',
);
await step(
  'It lets the user read the device',
  key,
  `mutation { addDevicePermissions(input: {
    deviceIdentifiers: [{ meterId: "METERID" }], ${user} }) {
    success modifiedPermissions { deviceId meterId permission expiresAt } user { id } } }`,
);
const { session } = await step<Refusable & { session: { accessToken: string } }>(
  'It opens a session, whose token goes to the user’s app',
  key,
  `mutation { addUserSession(input: { ${user} }) { success user { id } session { id ` +
    'accessToken expiresAt } } }',
);
const { order } = await step<Refusable & { order: { orderId: string } }>(
  'It orders a device for the user',
  key,
  `mutation { addOrder(input: { ${user} }) { success order { orderId orderStatus } } }`,
);
const hook = isHere ? await addHook() : null;
for (const move of [
  'orderStatus: PROCESSING',
  `orderStatus: SHIPPED, deviceId: ${text(deviceId)}, trackingLink: "https://parcels.example/1"`,
]) {
  await step(
    'The operator moves the order on',
    operator,
    `mutation { updateOrder(input: { ${tenant}, orderId: ${text(order.orderId)}, ${move} }) {
      success errors { code message path } order { orderId orderStatus deviceId trackingLink } } }`,
  );
}
if (hook) await showDeliveries(hook);
await step(
  'The company follows it',
  key,
  `query { ordersForUser(input: { externalUserId: "END_USER_ID" }) {
    orders { orderId orderStatus deviceId trackingLink createdAt updatedAt } } }`,
);
await send('It reads all that happened to orders', {
  method: 'GET',
  path: '/events?actions=order.*',
  credential: key,
});
await step(
  'The user’s app sees the user’s own data',
  session.accessToken,
  `query { viewer { user { userIdentifier { externalUser { externalId } } } session { expiresAt }
    devices(first: 20) { nodes { deviceId meterId permissions { permission expiresAt } } }
    orders { orderId orderStatus trackingLink } } }`,
);

const password = randomBytes(15).toString('base64url');
const email = `ada-${randomInt(1e9)}@example.com`;
const member = (level: number, name: string, address: string): [string, string | number][] => [
  ['name', name],
  ['alarm_email', 1],
  ['alarm_sms', 0],
  ['company_id', intermediary.id],
  ['email', address],
  ['status', 1],
  ['member_level_id', level],
];

const { user: chief } = await rest<{ user: { id: number } }>(
  'The company creates a member of its staff, who may do everything',
  'POST /user',
  key,
  member(1, 'Ada', email),
);
const { reset_token } = await rest<{ reset_token: string }>(
  'It issues a token with which she sets a password',
  `POST /user/${chief.id}/password-reset`,
  key,
);
await rest('She sets one', 'POST /password', undefined, [
  ['reset_token', reset_token],
  ['password', password],
]);
const { token } = await rest<{ token: string }>('She signs in', 'POST /authenticate', undefined, [
  ['email', email],
  ['password', password],
]);
const { project } = await rest<{ project: { id: number } }>(
  'She starts a project',
  'POST /project',
  token,
  [['name', 'River levels']],
);
const { station } = await rest<{ station: { id: number } }>(
  'She adds a station',
  `POST /project/${project.id}/station`,
  token,
  [
    ['name', 'Weir at the old mill'],
    ['code', 'WEIR-0001'],
    ['reporting', 900],
    ['ref_logger_id', 12],
  ],
);
const { user: helper } = await rest<{ user: { id: number } }>(
  'She creates a colleague who sees this station only',
  'POST /user',
  token,
  [...member(4, 'Bob', `bob-${randomInt(1e9)}@example.com`), ['station_ids[]', station.id]],
);
await rest('She changes his name', `PATCH /user/${helper.id}`, token, [['name', 'Robert']]);
await rest('Her program reads everything in the field', 'GET /config-packet', token);
await send('A service asks whether her token is valid for the station', {
  method: 'GET',
  path: `/verify/${intermediary.id}?station=${station.id}`,
  credential: token,
});
await rest('He leaves', `DELETE /user/${helper.id}`, token);

const quiet = callsTo({ url, isTold: false });
await Promise.all([
  fillCompany(quiet, { operator, key, tenantId: intermediary.id }),
  fillInventory(quiet, operator),
]);
await tellWaysIn(url, { email, password, isGivenKey: values.key !== undefined });
